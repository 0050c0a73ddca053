namespace Serverless.Tracing.Assembly;

/// <summary>That a service received a call in one trace, and began another trace with the call that it made for it.</summary>
/// <param name="Service">The service that does not forward the headers.</param>
/// <param name="Received">The call that it received; its trace ends there.</param>
/// <param name="Opened">The call that it made meanwhile; a trace begins with it.</param>
public sealed record PropagationBreak(string Service, PropagationCall Received, PropagationCall Opened)
{
    /// <summary>The break in a sentence.</summary>
    public string Text =>
        $"{Service} received {Received.Operation} in trace {Received.TraceId}, and meanwhile began the new trace {Opened.TraceId} with "
        + $"{Opened.Operation}: it does not forward the trace headers of what it receives.";
}
