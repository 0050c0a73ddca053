namespace Serverless.Functions.Alerting.Measures;

/// <summary>Runs the queries of rules whose source is KQL.</summary>
public interface IKqlSource
{
    /// <summary>
    /// Runs a query with the parameters <c>from</c> and <c>to</c> (datetime). Its column <c>value</c> is the value, and each other column a label.
    /// </summary>
    /// <exception cref="MeasureException">It cannot be run; the message says why.</exception>
    Task<IReadOnlyList<MeasureValue>> QueryAsync(string query, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation);
}
