namespace Serverless.Local.Kusto;

/// <summary>Functions that look at the rows before and after. They see all rows at once, in order.</summary>
internal static class WindowFunctions
{
    public static void Register(FunctionTable table)
    {
        table.Vector("prev", "al?a?", '0', _ => (a, n, _) => Shift(a, n, -1), FunctionOptions.Window);
        table.Vector("next", "al?a?", '0', _ => (a, n, _) => Shift(a, n, 1), FunctionOptions.Window);
        table.Vector("row_number", "l?b?", 'l', _ => RowNumber, FunctionOptions.Window);
        table.Vector("row_cumsum", "ab?", '0', CumulativeSum, FunctionOptions.Window);
        table.Vector("row_rank_min", "ab?", 'l', _ => (a, n, _) => Rank(a, n, dense: false), FunctionOptions.Window);
        table.Vector("row_rank_dense", "ab?", 'l', _ => (a, n, _) => Rank(a, n, dense: true), FunctionOptions.Window);
        table.Vector("row_window_session", "dttb?", 'd', _ => Session, FunctionOptions.Window);
    }

    private static bool Restarts(Column[] arguments, int at, int row) => arguments.Length > at && !arguments[at].IsNull(row) && arguments[at][row].AsBool;

    /// <summary>The value so many rows away; the third argument, or null, where there is no such row.</summary>
    private static Column Shift(Column[] arguments, int count, int direction)
    {
        var offset = arguments.Length < 2 ? direction : count > 0 ? arguments[1][0].AsLong * direction : 0;
        var rows = new int[count];
        for (var i = 0; i < count; i++)
            rows[i] = i + offset >= 0 && i + offset < count ? (int)(i + offset) : -1;
        var column = arguments[0].Take(rows);
        if (arguments.Length < 3)
            return column;
        var builder = ColumnBuilder.Create(column.Type, count);
        for (var i = 0; i < count; i++)
            builder.Append(rows[i] >= 0 ? column[i] : Conversion.Store(arguments[2][i], column.Type));
        return builder.Build();
    }

    private static Column RowNumber(Column[] arguments, int count, QueryContext context)
    {
        var start = arguments.Length > 0 && count > 0 ? arguments[0][0].AsLong : 1;
        var values = new long[count];
        for (var i = 0; i < count; i++)
            values[i] = i == 0 || Restarts(arguments, 1, i) ? start : values[i - 1] + 1;
        return new VectorColumn<long>(KustoType.Long, values, null, count);
    }

    private static VectorFunction CumulativeSum(KustoType type) => (arguments, count, _) =>
    {
        var builder = ColumnBuilder.Create(type, count);
        var (whole, real) = (0L, 0.0);
        for (var i = 0; i < count; i++)
        {
            if (Restarts(arguments, 1, i))
                (whole, real) = (0, 0);
            var value = arguments[0][i];
            if (value.Kind is ValueKind.Real or ValueKind.Decimal)
                real += value.Number;
            else if (!value.IsNull)
                whole += value.AsLong;
            builder.Append(type is KustoType.Real or KustoType.Decimal ? Conversion.Store(Value.Real(real), type) : Value.From(type, whole));
        }
        return builder.Build();
    };

    private static Column Rank(Column[] arguments, int count, bool dense)
    {
        var values = new long[count];
        var position = 0L;
        for (var i = 0; i < count; i++)
        {
            var restart = i == 0 || Restarts(arguments, 1, i);
            position = restart ? 1 : position + 1;
            if (restart)
                values[i] = 1;
            else if (arguments[0][i].Equals(arguments[0][i - 1]))
                values[i] = values[i - 1];
            else
                values[i] = dense ? values[i - 1] + 1 : position;
        }
        return new VectorColumn<long>(KustoType.Long, values, null, count);
    }

    /// <summary>The start of the session that a time belongs to: sessions end after a gap, or a time from their start.</summary>
    private static Column Session(Column[] arguments, int count, QueryContext context)
    {
        var builder = ColumnBuilder.Create(KustoType.DateTime, count);
        var (start, last) = (Value.Null, Value.Null);
        for (var i = 0; i < count; i++)
        {
            var time = arguments[0][i];
            if (!time.IsNull)
            {
                if (start.IsNull || Restarts(arguments, 3, i) || time.AsLong - start.AsLong > arguments[1][i].AsLong || time.AsLong - last.AsLong > arguments[2][i].AsLong)
                    start = time;
                last = time;
            }
            builder.Append(time.IsNull ? Value.Null : start);
        }
        return builder.Build();
    }
}
