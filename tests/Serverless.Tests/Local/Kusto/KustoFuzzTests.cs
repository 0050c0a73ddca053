using Serverless.Local.Kusto;

namespace Serverless.Tests.Local.Kusto;

/// <summary>Queries with tokens left out, doubled, swapped and replaced are run or refused; nothing else happens.</summary>
public sealed class KustoFuzzTests
{
    private const int MutantsPerQuery = 120;

    private static readonly string[] Queries =
    [
        "let f = (T:(*), x:long) { T | where a > x | extend b = strcat(s, '-', tostring(a)) }; datatable(a:long, s:string)[1, 'x', 2, 'y', 3, 'z'] | invoke f(1)",
        "range x from 1 to 20 step 1 | extend k = x % 3, t = datetime(2026-01-01) + x * 1h | summarize count(), avg(x), percentile(x, 90), arg_max(x, t), make_set(k) by bin(t, 6h), k | sort by t asc, k desc nulls last | take 5",
        "print d = dynamic({'a': [1, {'b': null}], 'c': 'x y'}), s = \"q\\t\\\"\" | mv-expand e = d.a | extend g = e['b'], h = d.c has 'Y' and not(s contains @'\\') | project-away d | project g, h, s",
        "let A = datatable(k:string, v:long)['a', 1, 'b', 2]; let B = datatable(k:string, w:real)['b', 0.5, 'c', 1e3]; A | join kind=fullouter B on k | lookup (A | project k, u = v) on k | union withsource=src A | where isnotempty(k) or w between (0.1 .. 2.0)",
        "datatable(i:string, n:string)['a', 'b', 'b', 'c', 'c', 'a'] | make-graph i --> n with_node_id=id | graph-match (x)-[e*1..3]->(y) where x.id == 'a' and all(e, n != 'q') project p = map(e, n), to = y.id",
        "range x from 1 to 5 step 1 | serialize r = row_number() | scan declare(s:long = 0) with (step one: true => s = one.s + x;) | partition by r (top 1 by s) | make-series sum(s) default=0 on x from 0 to 6 step 1",
        "datatable(t:string)['id=7 n=ab', 'x'] | parse kind=regex flags=i t with * 'ID=' id:long '\\\\s' * | parse-kv t as (n:string, id:long) with (pair_delimiter=' ', kv_delimiter='=') | top-nested 2 of t by c = count(), top-nested of n by max(id)",
        "print a = iff(1 > 2, 'x', case(true, 'y', 'z')), b = 5 in (1, 5), c = 'x' in~ ('X'), d = -7 % 3, e = 1.5h / 2, f = format_datetime(now(), 'yyyy'), g = parse_json('{\"a\":1}').a, h = array_sort_asc(dynamic([3, 1])), i = guid(null), j = decimal(1.5) * 2",
    ];

    private static readonly string[] Spare = ["(", ")", "[", "]", "{", "}", ",", ";", "|", "=", "==", "*", "-", "..", ".", "x", "a", "null", "1", "-1", "1h", "'s'", "by", "on", "where", "summarize", "dynamic(null)", "count()", "real(nan)", "long(9223372036854775807)", "!", "\"", "#"];

    public static TheoryData<int> Seeds => new(Enumerable.Range(0, 8));

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task A_mutated_query_is_run_or_refused(int seed)
    {
        var random = new Random(seed);
        var engine = Kql.Engine(new QueryLimits { MaxRows = 200_000, MaxMemoryBytes = 32 << 20 });
        // Each with the blanks before it, which hyphenated names do not have.
        var read = Lexer.Read(Queries[seed]);
        var tokens = read.SkipLast(1).Select((token, i) => Queries[seed][(i == 0 ? 0 : read[i - 1].End)..token.End]).ToList();
        Assert.NotEmpty((await engine.ExecuteAsync(Queries[seed], null, TestContext.Current.CancellationToken)).Schema.Columns);
        for (var i = 0; i < MutantsPerQuery; i++)
        {
            var mutant = tokens.ToList();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
                Mutate(mutant, random);
            var query = string.Concat(mutant);
            try
            {
                await engine.ExecuteAsync(query, null, TestContext.Current.CancellationToken);
            }
            catch (KustoException)
            {
                // Refused, which is an answer.
            }
            catch (Exception exception)
            {
                Assert.Fail($"{query}\n{exception}");
            }
        }
    }

    private static bool IsValue(string token) => char.IsLetterOrDigit(token.TrimStart()[0]) || token.TrimStart()[0] is '\'' or '"';

    private static void Mutate(List<string> tokens, Random random)
    {
        if (tokens.Count == 0)
            return;
        var at = random.Next(tokens.Count);
        switch (random.Next(8))
        {
            case 5 or 6 or 7:
                // A value for a value: such a query often runs.
                var values = tokens.Where(IsValue).ToList();
                at = tokens.FindIndex(at, IsValue);
                if (at >= 0)
                    tokens[at] = values[random.Next(values.Count)];
                break;
            case 0:
                tokens.RemoveAt(at);
                break;
            case 1:
                tokens.Insert(at, tokens[random.Next(tokens.Count)]);
                break;
            case 2:
                tokens[at] = " " + Spare[random.Next(Spare.Length)];
                break;
            case 3:
                tokens.Insert(at, " " + Spare[random.Next(Spare.Length)]);
                break;
            default:
                var other = random.Next(tokens.Count);
                (tokens[at], tokens[other]) = (tokens[other], tokens[at]);
                break;
        }
    }
}
