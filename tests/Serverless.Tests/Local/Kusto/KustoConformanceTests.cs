using Serverless.Local.Kusto;

namespace Serverless.Tests.Local.Kusto;

/// <summary>
/// The documented examples of cases.jsonl, which is not part of the repository. Cases that are not met yet stand in not-passed.txt with the
/// reason; one of them that passes must be taken off.
/// </summary>
public sealed class KustoConformanceTests
{
    private static readonly Lazy<string?> Corpus = new(() => Find(Path.Combine("..", "shared", "kql", "cases.jsonl")));

    [Theory]
    [InlineData("aggregation")]
    [InlineData("dynamic")]
    [InlineData("encoding")]
    [InlineData("formatting")]
    [InlineData("functions library")]
    [InlineData("graph")]
    [InlineData("hashing")]
    [InlineData("join")]
    [InlineData("other")]
    [InlineData("plugins")]
    [InlineData("scalar functions")]
    [InlineData("series")]
    [InlineData("string operators")]
    [InlineData("tabular operators and statements")]
    [InlineData("time")]
    [InlineData("window")]
    public async Task The_documented_examples_give_what_the_documentation_says(string area)
    {
        var cases = Read();
        var excused = NotPassed();
        var wrong = new List<string>();
        var engine = Kql.Engine(null);
        foreach (var one in cases.Where(one => one.Area == area))
        {
            string? difference;
            try
            {
                difference = KustoCaseJudge.Differs(one, await engine.ExecuteAsync(one.Query, null, TestContext.Current.CancellationToken));
            }
            catch (KustoException exception)
            {
                difference = exception.Message;
            }
            if (difference is not null && !excused.Contains(one.Id))
                wrong.Add($"{one.Id}: {difference}");
            if (difference is null && excused.Contains(one.Id))
                wrong.Add($"{one.Id} passes: take it off not-passed.txt");
        }
        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    [Fact]
    public void Every_area_of_the_examples_is_tested_and_every_excuse_names_an_example()
    {
        var cases = Read();
        var tested = typeof(KustoConformanceTests).GetMethod(nameof(The_documented_examples_give_what_the_documentation_says))!
            .GetCustomAttributes(typeof(InlineDataAttribute), false).Select(row => (string)((InlineDataAttribute)row).Data[0]!);
        Assert.Equal(cases.Select(one => one.Area).Distinct().Order(StringComparer.Ordinal), tested.Order(StringComparer.Ordinal));
        Assert.Empty(NotPassed().Except(cases.Select(one => one.Id)));
    }

    private static List<KustoCase> Read()
    {
        Assert.SkipWhen(Corpus.Value is null, "../shared/kql/cases.jsonl is not there: the documented examples were not run.");
        return File.ReadLines(Corpus.Value!).Select(KustoCase.Parse).ToList();
    }

    /// <summary>The ids before the colons.</summary>
    private static HashSet<string> NotPassed()
    {
        var path = Find(Path.Combine("tests", "Serverless.Tests", "Local", "Kusto", "not-passed.txt"))!;
        return File.ReadLines(path).Where(line => line.Contains(':')).Select(line => line[..line.IndexOf(':')]).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>A file from here upwards.</summary>
    private static string? Find(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, relative)))
                return Path.Combine(folder.FullName, relative);
        }
        return null;
    }
}
