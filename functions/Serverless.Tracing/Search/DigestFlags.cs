namespace Serverless.Tracing.Search;

/// <summary>What the spans of a digest are, taken together. The numbers are stored.</summary>
[Flags]
internal enum DigestFlags : byte
{
    None = 0,
    StatusUnset = 1,
    StatusOk = 2,
    StatusError = 4,

    /// <summary>Some span failed, by its status or by its attribute <c>error</c>.</summary>
    Failed = 8,

    /// <summary>Some span did not fail.</summary>
    Succeeded = 16,

    /// <summary>No span has a start; the digest's is the time of arrival.</summary>
    NoStart = 32,

    /// <summary>There were too many attributes to list: any condition on attributes may hold.</summary>
    AnyTag = 64,

    /// <summary>There were too many operations to list: any may be there.</summary>
    AnyOperation = 128,
}
