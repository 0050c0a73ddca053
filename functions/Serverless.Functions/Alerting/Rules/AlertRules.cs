using System.Text;

namespace Serverless.Functions.Alerting.Rules;

/// <summary>
/// The rules of the folder that is shipped with the app. They are read once; a file that is wrong is set aside with what is wrong
/// in it, and the others work.
/// </summary>
public sealed class AlertRules
{
    /// <summary>The most rules that are read.</summary>
    public const int MaxRules = 500;

    private const string Pattern = "*.yaml";

    /// <summary>Takes what reading the files gave.</summary>
    public AlertRules(IReadOnlyList<RuleFileResult> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        Rules = [.. files.Select(file => file.Rule).OfType<AlertRule>()];
        Broken = [.. files.Where(file => file.Rule is null)];
    }

    /// <summary>The rules, in the order of their files.</summary>
    public IReadOnlyList<AlertRule> Rules { get; }

    /// <summary>The files that are wrong.</summary>
    public IReadOnlyList<RuleFileResult> Broken { get; }

    /// <summary>Reads the rules of a folder. One that does not exist is told as a file that is wrong.</summary>
    public static AlertRules Load(string folder)
    {
        var results = new List<RuleFileResult>();
        string[] paths;
        try
        {
            paths = [.. Directory.GetFiles(folder, Pattern).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new AlertRules([Failed(Path.GetFileName(folder), $"is the folder of the rules and cannot be read: {e.Message}")]);
        }

        foreach (var path in paths)
        {
            var file = Path.GetFileName(path);
            results.Add(results.Count < MaxRules ? Read(path, file) : Failed(file, $"is not read: there are more than {MaxRules} rules."));
        }

        return new AlertRules([.. Unique(results)]);
    }

    private static RuleFileResult Read(string path, string file)
    {
        try
        {
            using var reader = new StreamReader(path, Encoding.UTF8);
            var buffer = new char[RuleFile.MaxCharacters + 1];
            return RuleFile.Read(file, new string(buffer, 0, reader.ReadBlock(buffer)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Failed(file, $"cannot be read: {e.Message}");
        }
    }

    private static IEnumerable<RuleFileResult> Unique(IEnumerable<RuleFileResult> results)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var result in results)
        {
            if (result.Rule is { } rule && !files.TryAdd(rule.Name, result.File))
                yield return Failed(result.File, $"has the name '{rule.Name}', which {files[rule.Name]} has already.", "name");
            else
                yield return result;
        }
    }

    private static RuleFileResult Failed(string file, string problem, string key = "") => new(file, null, [new RuleError(file, 1, 1, key, problem)]);
}
