namespace Serverless.Local.Kusto;

/// <summary>The times of a column that can be in a result, both ends included; ticks of UTC.</summary>
internal readonly record struct TimeBound(string Column, long FromTicks, long ToTicks);
