namespace Serverless.Tests.Querying;

/// <summary>The tests that only read share one app.</summary>
[CollectionDefinition(Name)]
public sealed class StoredTracesCollection : ICollectionFixture<StoredTraces>
{
    public const string Name = "stored traces";
}
