using Microsoft.AspNetCore.Http;

namespace Serverless.Functions.Querying;

/// <summary>A sort of problem that our own routes answer with: a closed list, described in the OpenAPI document.</summary>
/// <param name="Name">The last part of the type's URN.</param>
/// <param name="Title">The sort of problem in a few words, the same every time.</param>
/// <param name="Status">The HTTP status.</param>
internal sealed record ProblemType(string Name, string Title, int Status)
{
    /// <summary>What the type's URNs begin with.</summary>
    public const string Prefix = "urn:problem-type:serverless-tracing:";

    /// <summary>The caller's mistake: a parameter, path value or body that cannot be understood.</summary>
    public static readonly ProblemType InvalidRequest = new("invalid-request", "The request cannot be understood.", StatusCodes.Status400BadRequest);

    /// <summary>The caller's mistake: nothing is stored under that id.</summary>
    public static readonly ProblemType TraceNotFound = new("trace-not-found", "There is no such trace.", StatusCodes.Status404NotFound);

    /// <summary>The caller's mistake: the ledger has nothing under that id.</summary>
    public static readonly ProblemType NotFound = new("not-found", "There is no such thing.", StatusCodes.Status404NotFound);

    /// <summary>What is asked for cannot be done in the state that things are in.</summary>
    public static readonly ProblemType NotPossible = new("not-possible", "That cannot be done with this.", StatusCodes.Status409Conflict);

    /// <summary>A broken link: the hub does not take what is sent.</summary>
    public static readonly ProblemType HubUnavailable = new("hub-unavailable", "The event hub cannot be reached now.", StatusCodes.Status503ServiceUnavailable);

    /// <summary>The caller's mistake: the API has no such path.</summary>
    public static readonly ProblemType PathNotFound = new("path-not-found", "There is no such path.", StatusCodes.Status404NotFound);

    /// <summary>The caller's mistake: the path is there, but not for that method.</summary>
    public static readonly ProblemType MethodNotAllowed = new("method-not-allowed", "The path does not take that method.", StatusCodes.Status405MethodNotAllowed);

    /// <summary>Nobody's mistake: what is paged through has changed, so that the cursor leads nowhere.</summary>
    public static readonly ProblemType Changed = new("changed", "What is read has changed since the first page.", StatusCodes.Status409Conflict);

    /// <summary>A broken link: the storage fails now, and may work again.</summary>
    public static readonly ProblemType StorageUnavailable = new("storage-unavailable", "The storage cannot be reached now.", StatusCodes.Status503ServiceUnavailable);

    /// <summary>Nobody's mistake: too much that is large is being answered at this time.</summary>
    public static readonly ProblemType Busy = new("busy", "Too much is being answered now.", StatusCodes.Status503ServiceUnavailable);

    /// <summary>A broken link: the storage refuses what is asked of it, and will again.</summary>
    public static readonly ProblemType StorageRefused = new("storage-refused", "The storage refuses to work.", StatusCodes.Status502BadGateway);

    /// <summary>A dependency of the service does not work.</summary>
    public static readonly ProblemType Unhealthy = new("unhealthy", "A dependency does not work.", StatusCodes.Status503ServiceUnavailable);

    /// <summary>The service's fault: what is stored is damaged.</summary>
    public static readonly ProblemType Damaged = new("damaged", "What is stored is damaged.", StatusCodes.Status500InternalServerError);

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<ProblemType> All =
    [
        InvalidRequest, TraceNotFound, NotFound, NotPossible, HubUnavailable, PathNotFound, MethodNotAllowed, Changed, StorageUnavailable, Busy, StorageRefused,
        Unhealthy, Damaged,
    ];

    /// <summary>The type as it is told.</summary>
    public string Uri => Prefix + Name;
}
