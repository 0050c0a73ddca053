using Azure;

namespace Serverless.Local.Tables;

/// <summary>The answer where an entity that may be missing is.</summary>
internal sealed class AbsentEntity<T>(Response response) : NullableResponse<T>
{
    public override bool HasValue => false;

    public override T Value => throw new InvalidOperationException("The entity does not exist: ask HasValue before Value.");

    public override Response GetRawResponse() => response;
}
