using Microsoft.AspNetCore.Http;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Tracing.Frames;

namespace Serverless.Functions.Querying.Api;

/// <summary>What our own API answers when a query does not succeed: the caller's mistake, a broken link and our fault read differently.</summary>
internal static class ApiAnswers
{
    /// <summary>Runs a query; where it fails, a problem tells why.</summary>
    public static async Task<IResult> AnswerAsync(Func<Task<IResult>> answer)
    {
        try
        {
            return await answer();
        }
        catch (InvalidQueryException e)
        {
            return new ProblemAnswer(ProblemType.InvalidRequest, e.Message) { Parameter = e.Parameter, Offset = e.Offset };
        }
        catch (TooManyLargeTracesException e)
        {
            return new ProblemAnswer(ProblemType.Busy, e.Message) { RetryAfterSeconds = TooManyLargeTracesException.RetryAfterSeconds };
        }
        catch (StorageException e)
        {
            return Unreachable(e);
        }
        catch (HubException e)
        {
            return new ProblemAnswer(ProblemType.HubUnavailable, $"The event hub cannot be asked what is in flight; the request is right, send it again later. {e.Message}")
            {
                RetryAfterSeconds = QueryFailures.RetryAfterSeconds,
            };
        }
        catch (FrameFormatException e)
        {
            return new ProblemAnswer(ProblemType.Damaged, $"A stored trace is damaged; the request is right. {e.Message}");
        }
    }

    /// <summary>The storage could not be had.</summary>
    public static ProblemAnswer Unreachable(StorageException e) => e.IsTransient
        ? new ProblemAnswer(ProblemType.StorageUnavailable, $"The trace storage cannot be read now; the request is right, send it again later. {e.Message}")
        {
            RetryAfterSeconds = QueryFailures.RetryAfterSeconds,
        }
        : new ProblemAnswer(ProblemType.StorageRefused, $"The trace storage refuses what is asked of it; the request is right. {e.Message}");

    /// <summary>There is no such trace.</summary>
    public static ProblemAnswer NotFound(string id) => new(
        ProblemType.TraceNotFound,
        $"No span of trace {id} is stored. It may be past its retention, or under an id of another width: strictTraceId=false takes 64-bit and 128-bit ids with the same low half for one.");
}
