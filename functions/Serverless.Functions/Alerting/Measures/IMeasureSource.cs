namespace Serverless.Functions.Alerting.Measures;

/// <summary>Where a rule's figures come from: the ledger, or the RED aggregates.</summary>
public interface IMeasureSource
{
    /// <summary>The source's name in rules: <see cref="MeasureCatalog.Ledger"/> or <see cref="MeasureCatalog.Red"/>.</summary>
    string Name { get; }

    /// <summary>Reads a measure, summed up over the query's time by its labels.</summary>
    /// <param name="query">What is asked for; the measure and the labels are ones of <see cref="MeasureCatalog"/>.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>A value for each combination of the labels for which something was counted; none where nothing was.</returns>
    /// <exception cref="MeasureException">It cannot be read; the message says why.</exception>
    Task<IReadOnlyList<MeasureValue>> ReadAsync(MeasureQuery query, CancellationToken cancellation);
}
