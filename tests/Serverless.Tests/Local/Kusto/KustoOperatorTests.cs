namespace Serverless.Tests.Local.Kusto;

/// <summary>The tabular operators, over a few spans.</summary>
public sealed class KustoOperatorTests
{
    private static readonly MemoryTable Spans = MemoryTable.Of(
        "Spans",
        "Service:string,Name:string,Start:datetime,Duration:timespan,Status:int,Tags:dynamic",
        ["front", "GET /", Time(0), TimeSpan.FromMilliseconds(30), 200, Bag("region", "eu")],
        ["cart", "add", Time(1), TimeSpan.FromMilliseconds(10), 500, Bag("region", "us")],
        ["cart", "list", Time(2), TimeSpan.FromMilliseconds(20), null, Bag("other", "x")],
        ["front", "GET /cart", Time(3), TimeSpan.FromMilliseconds(50), 404, null]);

    private static readonly MemoryTable Owners = MemoryTable.Of("Owners", "Service:string,Team:string", ["front", "web"], ["front", "ux"], ["bank", "money"]);

    [Theory]
    [InlineData("Spans | where Service == 'cart' | project Name", "Name\nadd\nlist")]
    [InlineData("Spans | where Status != 500 | project Name", "Name\nGET /\nlist\nGET /cart")]
    [InlineData("Spans | where Status > 300 | project Name", "Name\nadd\nGET /cart")]
    [InlineData("Spans | where Tags.region == 'eu' | project Name", "Name\nGET /")]
    [InlineData("Spans | where Start between (datetime(2026-01-01 00:01) .. 1m) | project Name", "Name\nadd\nlist")]
    [InlineData("Spans | where Start !between (datetime(2026-01-01 00:01) .. datetime(2026-01-01 00:02)) | count", "Count\n2")]
    [InlineData("Spans | where isnull(Status) or Service in ('x', 'front') | count", "Count\n3")]
    [InlineData("Spans | where Service !in ('front') | count", "Count\n2")]
    [InlineData("Spans | where Service in (Owners | project Service) | count", "Count\n2")]
    [InlineData("Spans | where Service in~ ('CART') | count", "Count\n2")]
    [InlineData("Spans | where Name has_any ('cart', 'list') | project Name", "Name\nlist\nGET /cart")]
    [InlineData("Spans | where Name has_all ('cart', 'get') | project Name", "Name\nGET /cart")]
    [InlineData("Spans | where * has 'list' | project Name", "Name\nlist")]
    [InlineData("Spans | take 1 | project Service", "Service\nfront")]
    [InlineData("datatable(k:int)[1] | lookup (datatable(k:long, v:string)[1, 'x']) on k", "k|v\n1|x")]
    [InlineData("Spans | limit 0 | project Service", "Service")]
    [InlineData("Spans | sort by Duration | project Name", "Name\nGET /cart\nGET /\nlist\nadd")]
    [InlineData("Spans | order by Service asc, Duration desc | project Name", "Name\nlist\nadd\nGET /cart\nGET /")]
    [InlineData("Spans | sort by Status asc | project Status", "Status\nnull\n200\n404\n500")]
    [InlineData("Spans | sort by Status desc nulls first | project Status", "Status\nnull\n500\n404\n200")]
    [InlineData("Spans | top 2 by Duration | project Name", "Name\nGET /cart\nGET /")]
    [InlineData("Spans | top 1 by Status asc nulls last | project Status", "Status\n200")]
    [InlineData("Spans | distinct Service", "Service\nfront\ncart")]
    [InlineData("Spans | project S = Service, N = strlen(Name) | where N == 3", "S|N\ncart|3")]
    [InlineData("Spans | take 1 | project strlen(Name), tolower(Name), Tags.region, tostring(Tags.region), bin(Start, 1h)", "strlen_Name|Column1|Tags_region|Tags_region1|Start\n5|get /|eu|eu|2026-01-01T00:00:00.0000000Z")]
    [InlineData("Spans | take 1 | project-away Tags, Start, Dur*", "Service|Name|Status\nfront|GET /|200")]
    [InlineData("Spans | take 1 | project-keep Name, Service", "Service|Name\nfront|GET /")]
    [InlineData("Spans | take 1 | project-rename Svc = Service | project Svc", "Svc\nfront")]
    [InlineData("Spans | take 1 | project Service, Name, Status | project-reorder Status, N*", "Status|Name|Service\n200|GET /|front")]
    [InlineData("Spans | extend Status = Status + 1 | project Status", "Status\n201\n501\nnull\n405")]
    [InlineData("Spans | summarize count() by Service", "Service|count_\nfront|2\ncart|2")]
    [InlineData("Spans | summarize count(), Errors = countif(Status >= 500), max(Duration) by Service", "Service|count_|Errors|max_Duration\nfront|2|0|00:00:00.0500000\ncart|2|1|00:00:00.0200000")]
    [InlineData("Spans | summarize Rate = 100.0 * countif(Status >= 400) / count()", "Rate\n50.0")]
    [InlineData("Spans | summarize sum(Status), avg(Status), min(Status), dcount(Service)", "sum_Status|avg_Status|min_Status|dcount_Service\n1104|368.0|200|2")]
    [InlineData("Spans | summarize percentile(Duration, 50), percentiles(Status, 50, 99.9)", "percentile_Duration_50|percentile_Status_50|percentile_Status_99_9\n00:00:00.0200000|404|500")]
    [InlineData("Spans | summarize arg_max(Duration, Name, Status) by Service", "Service|Duration|Name|Status\nfront|00:00:00.0500000|GET /cart|404\ncart|00:00:00.0200000|list|null")]
    [InlineData("Spans | summarize make_list(Status), make_set(Service), make_list_if(Name, Status < 500)", "list_Status|set_Service|list_Name\n[200,500,404]|[\"front\",\"cart\"]|[\"GET /\",\"GET /cart\"]")]
    [InlineData("Spans | summarize sumif(Status, Service == 'cart'), avgif(Status, false), take_any(Service)", "sumif_Status|avgif_Status|Service\n500|NaN|front")]
    [InlineData("Spans | where false | summarize count(), sum(Status), min(Status), make_list(Name), avg(Status)", "count_|sum_Status|min_Status|list_Name|avg_Status\n0|0|null|[]|NaN")]
    [InlineData("Spans | where false | summarize count() by Service", "Service|count_")]
    [InlineData("Spans | summarize count() by bin(Start, 2m)", "Start|count_\n2026-01-01T00:00:00.0000000Z|2\n2026-01-01T00:02:00.0000000Z|2")]
    [InlineData("Spans | summarize count() by Slow = Duration > 25ms", "Slow|count_\ntrue|2\nfalse|2")]
    [InlineData("Spans | summarize by Service | sort by Service asc", "Service\ncart\nfront")]
    [InlineData("Spans | summarize (D, N) = arg_min(Duration, Name)", "D|N\n00:00:00.0100000|add")]
    [InlineData("Spans | join kind=inner Owners on Service | project Name, Team", "Name|Team\nGET /|web\nGET /|ux\nGET /cart|web\nGET /cart|ux")]
    [InlineData("Spans | join Owners on Service | project Name, Team", "Name|Team\nGET /|web\nGET /|ux")]
    [InlineData("Spans | join kind=leftouter Owners on Service | project Name, Team", "Name|Team\nGET /|web\nGET /|ux\nadd|\nlist|\nGET /cart|web\nGET /cart|ux")]
    [InlineData("Owners | join kind=rightouter (Spans | where Status == 500) on Service | project Team, Service, Service1", "Team|Service|Service1\n||cart")]
    [InlineData("Owners | join kind=leftsemi Spans on Service | project Team", "Team\nweb\nux")]
    [InlineData("Owners | join kind=leftanti Spans on Service", "Service|Team\nbank|money")]
    [InlineData("Owners | join kind=rightsemi Spans on Service | project Name", "Name\nGET /\nGET /cart")]
    [InlineData("Owners | join kind=rightanti Spans on Service | project Name", "Name\nadd\nlist")]
    [InlineData("Owners | join kind=inner (Spans | project S = Service, Name) on $left.Service == $right.S | project Team, Name | take 1", "Team|Name\nweb|GET /")]
    [InlineData("Spans | lookup Owners on Service | where Name == 'add' | project Service, Team", "Service|Team\ncart|")]
    [InlineData("union Owners, (print Service = 'x', Team = 1) | where Service == 'x'", "Service|Team_string|Team_long\nx||1")]
    [InlineData("union withsource=T Owners, Spans | summarize count() by T", "T|count_\nOwners|3\nSpans|4")]
    [InlineData("union kind=inner Owners, Spans | distinct Service", "Service\nfront\nbank\ncart")]
    [InlineData("union isfuzzy=true Owners, NoSuchTable | count", "Count\n3")]
    [InlineData("union O* | count", "Count\n3")]
    [InlineData("print a = dynamic([1, 2]), b = dynamic(['x']) | mv-expand a, b", "a|b\n1|x\n2|null")]
    [InlineData("print a = dynamic([1, 2]) | mv-expand with_itemindex=i x = a to typeof(long) | project i, x", "i|x\n0|1\n1|2")]
    [InlineData("datatable(a:dynamic)[dynamic(null), dynamic([])] | mv-expand a | count", "Count\n1")]
    [InlineData("print a = dynamic([3, 1, 2]) | mv-apply a to typeof(long) on (summarize s = sum(a))", "a|s\n[3,1,2]|6")]
    [InlineData("print t = 'id=7 name=x' | parse t with 'id=' id:long ' name=' name | project id, name", "id|name\n7|x")]
    [InlineData("datatable(t:string)['a=1', 'b=2'] | parse-where t with 'a=' a:long", "t|a\na=1|1")]
    [InlineData("print t = 'a=1;b=two' | parse-kv t as (a:long, b:string, c:long) with (pair_delimiter=';', kv_delimiter='=')", "t|a|b|c\na=1;b=two|1|two|null")]
    [InlineData("range x from 1 to 10 step 4", "x\n1\n5\n9")]
    [InlineData("range x from 3 to 1 step -1", "x\n3\n2\n1")]
    [InlineData("range t from datetime(2026-01-01) to datetime(2026-01-03) step 1d | count", "Count\n3")]
    [InlineData("range x from 1 to 3 step 1 | extend p = prev(x), n = next(x, 1, 0), r = row_number(), c = row_cumsum(x)", "x|p|n|r|c\n1|null|2|1|1\n2|1|3|2|3\n3|2|0|3|6")]
    [InlineData("range x from 1 to 4 step 1 | partition by x (take 1) | count", "Count\n4")]
    [InlineData("range x from 0 to 5 step 1 | make-series count() default=0 on x from 0 to 6 step 2", "count_|x\n[2,2,2]|[0,2,4]")]
    [InlineData("datatable(k:string, v:long)['a', 1, 'b', 2, 'a', 3] | evaluate pivot(k, sum(v))", "a|b\n4|2")]
    [InlineData("print d = dynamic({'a': 1, 'b': 'x'}) | evaluate bag_unpack(d)", "a|b\n1|x")]
    [InlineData("Owners | getschema | project ColumnName, ColumnType", "ColumnName|ColumnType\nService|string\nTeam|string")]
    [InlineData("Owners | search 'money'", "$table|Service|Team\n|bank|money")]
    [InlineData("Owners | render timechart with (title='x') | count", "Count\n3")]
    [InlineData("Owners | as O | union O | count", "Count\n6")]
    [InlineData("range x from 1 to 5 step 1 | scan declare(s:long = 0) with (step a: true => s = a.s + x;) | project s", "s\n1\n3\n6\n10\n15")]
    public async Task A_query_gives_what_the_language_says(string query, string expected) => Assert.Equal(expected, await Kql.TextAsync(query, Spans, Owners));

    [Theory]
    [InlineData("let n = 2; let T = range x from 1 to 5 step 1 | where x > n; T | union T | count", "Count\n6")]
    [InlineData("let twice = (x:long) { x * 2 }; print twice(4)", "print_0\n8")]
    [InlineData("let f = (a:long, b:long = 10) { a + b }; print f(1), f(1, 2), f(b = 3, a = 1)", "print_0|print_1|print_2\n11|3|4")]
    [InlineData("let f = (T:(*), n:long) { T | take n }; range x from 1 to 5 step 1 | invoke f(2) | count", "Count\n2")]
    [InlineData("let f = () { let y = 3; print y }; f()", "print_0\n3")]
    [InlineData("let m = materialize(range x from 1 to 3 step 1); print toscalar(m | count), toscalar(m | summarize max(x))", "print_0|print_1\n3|3")]
    [InlineData("declare query_parameters(n:long = 7); print n", "print_0\n7")]
    [InlineData("let ['odd name'] = 1; print ['odd name']", "print_0\n1")]
    [InlineData("print x = toscalar(datatable(a:long)[])", "x\nnull")]
    [InlineData("print 1; // a comment\n", "print_0\n1")]
    public async Task Statements_name_values_tables_and_functions(string query, string expected) => Assert.Equal(expected, await Kql.TextAsync(query));

    private static DateTime Time(int minutes) => new DateTime(2026, 1, 1).AddMinutes(minutes);

    private static Serverless.Local.Kusto.Value Bag(string name, string value) => Serverless.Local.Kusto.DynamicJson.Parse($$"""{"{{name}}":"{{value}}"}""");
}
