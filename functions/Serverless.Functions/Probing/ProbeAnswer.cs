using System.Net;
using System.Text.Json;

namespace Serverless.Functions.Probing;

/// <summary>What came of a call to the endpoint.</summary>
/// <param name="Status">The HTTP status; 0 where there was no answer.</param>
/// <param name="Json">The answer to a question, or null.</param>
/// <param name="Error">What went wrong, or empty.</param>
internal sealed record ProbeAnswer(HttpStatusCode Status, JsonElement? Json, string Error)
{
    /// <summary>What the error is called.</summary>
    public ProbeFinding Finding => Status == 0 ? ProbeFinding.Unreachable : ProbeFinding.Refused;
}
