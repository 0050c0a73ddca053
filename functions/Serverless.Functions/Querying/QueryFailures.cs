using Microsoft.AspNetCore.Http;
using Serverless.Functions.Storage;
using Serverless.Tracing.Frames;

namespace Serverless.Functions.Querying;

/// <summary>What a query that did not succeed is answered with, whatever the API: a status and a text.</summary>
internal static class QueryFailures
{
    /// <summary>How long a caller should wait for a storage that may work again, in seconds.</summary>
    public const int RetryAfterSeconds = 1;

    /// <summary>What a search says that found only a part.</summary>
    public const string Incomplete = "the search ran out of time and may have missed traces; narrow it: a shorter time range, a service, an operation";

    /// <summary>Runs a query and answers its failure in the API's own form.</summary>
    /// <param name="answer">The query.</param>
    /// <param name="fail">Makes an answer of a status, a text and when to come back (seconds, 0 for never).</param>
    public static async Task<IResult> AnswerAsync(Func<Task<IResult>> answer, Func<int, string, int, IResult> fail)
    {
        try
        {
            return await answer();
        }
        catch (InvalidQueryException e)
        {
            return fail(StatusCodes.Status400BadRequest, e.Message, 0);
        }
        catch (TooManyLargeTracesException e)
        {
            return fail(StatusCodes.Status503ServiceUnavailable, e.Message, TooManyLargeTracesException.RetryAfterSeconds);
        }
        catch (StorageException e)
        {
            return fail(
                StatusCodes.Status503ServiceUnavailable, $"The trace storage cannot be read now; the request is right, send it again later. {e.Message}",
                e.IsTransient ? RetryAfterSeconds : 0);
        }
        catch (FrameFormatException e)
        {
            return fail(StatusCodes.Status500InternalServerError, $"A stored trace is damaged; the request is right. {e.Message}", 0);
        }
    }
}
