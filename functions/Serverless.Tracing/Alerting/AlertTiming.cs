namespace Serverless.Tracing.Alerting;

/// <summary>How long things have to last.</summary>
/// <param name="For">How long the condition has to be met before the alert fires.</param>
/// <param name="KeepFiringFor">How long it must no longer be met before the alert is resolved: against flapping.</param>
public readonly record struct AlertTiming(TimeSpan For, TimeSpan KeepFiringFor);
