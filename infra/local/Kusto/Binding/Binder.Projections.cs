namespace Serverless.Local.Kusto;

/// <summary>extend, project and their kin, and how columns are named.</summary>
internal sealed partial class Binder
{
    private static IEnumerable<BoundExpression> AllColumns(Schema schema) => schema.Columns.Select((column, i) => new ColumnExpression(i, column.Name, column.Type));

    private ProjectNode Extend(PlanNode input, ExtendSyntax extend)
    {
        var schema = input.Schema.Columns.ToList();
        var columns = AllColumns(input.Schema).ToList();
        var unnamed = 0;
        foreach (var column in extend.Columns)
        {
            var value = WithRows(input, () => Scalar(column.Value));
            if (!extend.Serialize)
                CheckWindow(extend.At, input, value);
            var name = column.Names.Count > 0 ? column.Names[0] : NameOf(column.Value) ?? $"Column{++unnamed}";
            var ordinal = schema.FindIndex(one => one.Name == name);
            if (ordinal >= 0)
            {
                schema[ordinal] = new ColumnSchema(name, value.Type);
                columns[ordinal] = value;
            }
            else
            {
                schema.Add(new ColumnSchema(name, value.Type));
                columns.Add(value);
            }
        }
        return new ProjectNode(input, new Schema(schema), columns, extend.Serialize);
    }

    private ProjectNode Project(PlanNode input, IReadOnlyList<NamedExpressionSyntax> items, int at, string prefix)
    {
        var schema = new List<ColumnSchema>();
        var columns = new List<BoundExpression>();
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i];
            if (item.Value is WildcardSyntax { Pattern: "*" })
            {
                schema.AddRange(input.Schema.Columns);
                columns.AddRange(AllColumns(input.Schema));
                continue;
            }
            var value = WithRows(input, () => Scalar(item.Value));
            CheckWindow(at, input, value);
            var given = item.Names.Count > 0 ? item.Names[0] : null;
            if (given is not null && schema.Any(column => column.Name == given))
                throw Error(item.Value.At, "SEM0171", $"A column named '{given}' is there already");
            var name = given ?? (prefix == "print_" ? $"print_{i}" : NameOf(item.Value) ?? $"Column{items.Take(i + 1).Count(one => one.Names.Count == 0 && NameOf(one.Value) is null)}");
            schema.Add(new ColumnSchema(Unique(name, schema), value.Type));
            columns.Add(value);
        }
        return new ProjectNode(input, new Schema(schema), columns);
    }

    /// <summary>The name, with a number behind it where it is taken.</summary>
    private static string Unique(string name, List<ColumnSchema> taken)
    {
        var unique = name;
        for (var i = 1; taken.Any(column => column.Name == unique); i++)
            unique = name + i.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return unique;
    }

    /// <summary>The name of a column that was given none; null where there is nothing to take it from.</summary>
    private static string? NameOf(ExpressionSyntax syntax)
    {
        switch (syntax)
        {
            case NameSyntax name:
                return name.Name;
            case MemberSyntax member:
                return NameOf(member.Target) is { } target ? $"{target}_{member.Name}" : null;
            case IndexSyntax { Index: LiteralSyntax key } index:
                return NameOf(index.Target) is { } indexed ? $"{indexed}_{key.Value}" : null;
            case CallSyntax { Arguments.Count: > 0 } call:
                var argument = NameOf(call.Arguments[0].Value);
                if (argument is null)
                    return null;
                if (Conversions.ContainsKey(call.Name) || call.Name == "bin_auto")
                    return argument;
                if (!FunctionTable.Default.TryGet(call.Name, out var function))
                    return null;
                return function.Options.HasFlag(FunctionOptions.NamedByArgument) ? argument : function.Options.HasFlag(FunctionOptions.NamedByBoth) ? $"{call.Name}_{argument}" : null;
            default:
                return null;
        }
    }

    private ProjectNode Rename(PlanNode input, ProjectNamesSyntax rename)
    {
        var schema = input.Schema.Columns.ToList();
        foreach (var item in rename.Columns)
        {
            var pair = (BinarySyntax)item.Key;
            var ordinal = Ordinal(input.Schema, pair.Right);
            schema[ordinal] = schema[ordinal] with { Name = ((NameSyntax)pair.Left).Name };
        }
        return new ProjectNode(input, new Schema(schema), AllColumns(input.Schema).ToList());
    }

    private int Ordinal(Schema schema, ExpressionSyntax syntax)
    {
        if (syntax is not NameSyntax name)
            throw Error(syntax.At, "SEM0100", "A column's name is expected here");
        var ordinal = schema.Find(name.Name);
        return ordinal >= 0 ? ordinal : throw Error(syntax.At, "SEM0100", $"Failed to resolve column named '{name.Name}'");
    }

    private ProjectNode ProjectNames(PlanNode input, ProjectNamesSyntax names)
    {
        var schema = input.Schema;
        var chosen = new List<int>();
        foreach (var item in names.Columns)
        {
            IEnumerable<int> matches = item.Key switch
            {
                WildcardSyntax wildcard => Enumerable.Range(0, schema.Count).Where(i => schema[i].Name.StartsWith(wildcard.Pattern[..^1], StringComparison.Ordinal)),
                NameSyntax name when names.Kind != "project-by-names" || schema.Find(name.Name) >= 0 => [Ordinal(schema, name)],
                _ when names.Kind == "project-by-names" => Strings(item.Key).Select(schema.Find).Where(ordinal => ordinal >= 0),
                _ => [Ordinal(schema, item.Key)],
            };
            if (names.Kind == "project-reorder" && item.Key is WildcardSyntax)
                matches = matches.OrderBy(i => schema[i].Name, StringComparer.Ordinal);
            chosen.AddRange(matches.Where(i => !chosen.Contains(i)).ToList());
        }
        var all = Enumerable.Range(0, schema.Count);
        var kept = names.Kind switch
        {
            "project-away" => all.Except(chosen),
            "project-keep" => all.Where(chosen.Contains),
            "project-reorder" => chosen.Concat(all.Except(chosen)),
            _ => chosen,
        };
        return Select(input, kept.ToList());
    }

    private static ProjectNode Select(PlanNode input, IReadOnlyList<int> ordinals) => new(
        input,
        new Schema(ordinals.Select(i => input.Schema[i])),
        ordinals.Select(i => new ColumnExpression(i, input.Schema[i].Name, input.Schema[i].Type)).ToList());

    private IEnumerable<string> Strings(ExpressionSyntax syntax)
    {
        var value = Constant(syntax);
        return value.Kind == ValueKind.Array ? value.AsArray.Select(item => item.ToString()) : [value.ToString()];
    }
}
