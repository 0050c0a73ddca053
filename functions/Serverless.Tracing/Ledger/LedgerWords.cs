using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Serverless.Tracing.Ledger;

/// <summary>The words for stages and reasons, as APIs, rules and metrics say them: in lower case with underscores.</summary>
public static class LedgerWords
{
    private static readonly FrozenDictionary<LedgerStage, string> Stages =
        Enum.GetValues<LedgerStage>().ToFrozenDictionary(stage => stage, stage => Word(stage.ToString()));

    private static readonly FrozenDictionary<LedgerReason, string> Reasons =
        Enum.GetValues<LedgerReason>().ToFrozenDictionary(reason => reason, reason => reason == LedgerReason.None ? "" : Word(reason.ToString()));

    private static readonly FrozenDictionary<string, LedgerStage> StagesByWord = Stages.ToFrozenDictionary(pair => pair.Value, pair => pair.Key);

    private static readonly FrozenDictionary<string, LedgerReason> ReasonsByWord = Reasons.ToFrozenDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>All words for stages.</summary>
    public static IReadOnlyCollection<string> AllStages => StagesByWord.Keys;

    /// <summary>All words for reasons, the empty one included.</summary>
    public static IReadOnlyCollection<string> AllReasons => ReasonsByWord.Keys;

    /// <summary>The word for a stage; of one that a newer version wrote its number.</summary>
    public static string Of(LedgerStage stage) =>
        Stages.TryGetValue(stage, out var word) ? word : ((int)stage).ToString(CultureInfo.InvariantCulture);

    /// <summary>The word for a reason, empty for none; of one that a newer version wrote its number.</summary>
    public static string Of(LedgerReason reason) =>
        Reasons.TryGetValue(reason, out var word) ? word : ((int)reason).ToString(CultureInfo.InvariantCulture);

    /// <summary>The stage of a word.</summary>
    public static bool TryParse(string word, out LedgerStage stage) => StagesByWord.TryGetValue(word, out stage);

    /// <summary>The reason of a word.</summary>
    public static bool TryParse(string word, out LedgerReason reason) => ReasonsByWord.TryGetValue(word, out reason);

    private static string Word(string name)
    {
        var word = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsUpper(c) && word.Length > 0)
                word.Append('_');
            word.Append(char.ToLowerInvariant(c));
        }

        return word.ToString();
    }
}
