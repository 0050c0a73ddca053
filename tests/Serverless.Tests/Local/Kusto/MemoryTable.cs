using System.Runtime.CompilerServices;
using Serverless.Local.Kusto;

namespace Serverless.Tests.Local.Kusto;

/// <summary>A table of batches in memory, which remembers what was asked of it.</summary>
internal sealed class MemoryTable(string name, Schema schema, params Batch[] batches) : IKustoTable
{
    public string Name => name;

    public Schema Schema => schema;

    public List<ScanRequest> Requests { get; } = [];

    /// <summary>Batches that were taken.</summary>
    public int Taken { get; private set; }

    public static MemoryTable Of(string name, string columns, params object?[][] rows)
    {
        var schema = new Schema(columns.Split(',').Select(column => column.Split(':')).Select(pair =>
            new ColumnSchema(pair[0].Trim(), KustoTypes.TryParse(pair[1].Trim(), out var type) ? type : throw new ArgumentException(pair[1]))));
        var builders = schema.Columns.Select(column => ColumnBuilder.Create(column.Type)).ToArray();
        foreach (var row in rows)
        {
            for (var i = 0; i < builders.Length; i++)
                builders[i].Append(Of(row[i]));
        }
        return new MemoryTable(name, schema, new Batch(builders.Select(builder => builder.Build()).ToArray(), rows.Length));
    }

    public async IAsyncEnumerable<Batch> ScanAsync(ScanRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Requests.Add(request);
        foreach (var batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            // Later, as a store would answer.
            await Task.Yield();
            Taken++;
            yield return new Batch(batch.Columns.Select((column, i) => request.Columns[i] ? column : Column.Nulls(column.Type, batch.Count)).ToArray(), batch.Count);
        }
    }

    private static Value Of(object? value) => value switch
    {
        null => Value.Null,
        int number => Value.Long(number),
        long number => Value.Long(number),
        double number => Value.Real(number),
        bool flag => Value.Bool(flag),
        string text => Value.String(text),
        DateTime time => Value.DateTime(time.Ticks),
        TimeSpan span => Value.TimeSpan(span.Ticks),
        Value any => any,
        _ => throw new ArgumentException(value.ToString()),
    };
}
