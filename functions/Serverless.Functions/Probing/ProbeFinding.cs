namespace Serverless.Functions.Probing;

/// <summary>What is wrong with a probe. The numbers are stored.</summary>
public enum ProbeFinding : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The trace is not found by its id.</summary>
    NotFoundById = 1,

    /// <summary>It is found by its id, but not by a search for its service and tag.</summary>
    NotFoundBySearch = 2,

    /// <summary>Its calls are not among the dependencies.</summary>
    NotInDependencies = 3,

    /// <summary>Some of its spans are not there.</summary>
    MissingSpans = 4,

    /// <summary>A field is not as it was sent.</summary>
    WrongContent = 5,

    /// <summary>All was found, but too late.</summary>
    Late = 6,

    /// <summary>The endpoint answered a post with an error.</summary>
    Refused = 7,

    /// <summary>The endpoint did not answer.</summary>
    Unreachable = 8,
}
