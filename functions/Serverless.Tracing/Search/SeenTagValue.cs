namespace Serverless.Tracing.Search;

/// <summary>A value, as text, that an attribute had whose values are noted.</summary>
public readonly record struct SeenTagValue(string Key, string Value);
