namespace Serverless.Functions.Alerting.Rules;

/// <summary>The earlier time that a rule compares with.</summary>
/// <param name="Offset">How long before the window it ends.</param>
/// <param name="Window">How long it is; figures that add up are brought to the length of the rule's own window.</param>
/// <param name="AtLeast">An earlier figure below it says nothing: there is no value then.</param>
/// <param name="IsDifference">True where the earlier figure is subtracted; false where the present one is divided by it.</param>
public sealed record RuleBaseline(TimeSpan Offset, TimeSpan Window, double AtLeast, bool IsDifference);
