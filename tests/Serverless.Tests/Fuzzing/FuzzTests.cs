using System.Globalization;
using Serverless.Tests.Protocols.Otlp;

namespace Serverless.Tests.Fuzzing;

/// <summary>Broken bodies for every decoder: docs/fuzzing.md says how to run this for longer than here.</summary>
public sealed class FuzzTests
{
    private const string RoundsVariable = "SERVERLESS_FUZZ_ROUNDS";
    private const string SeedVariable = "SERVERLESS_FUZZ_SEED";
    private const string TargetsVariable = "SERVERLESS_FUZZ_TARGETS";
    private const int UsualRounds = 1_500;
    private const int UsualSeed = 20_261_120;
    private const int LongestExhaustiveBody = 12_000;
    private const int UsualLongestExhaustiveBody = 4_000;
    private const int UsualStep = 14;

    private static readonly byte[] Replacements = [0, 0x0C, 0x7F, 0xFF, (byte)'"', (byte)'{'];

    private readonly FuzzCheck _check = new();

    public static TheoryData<string> Targets => [.. FuzzTarget.All().Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void What_was_found_before_stays_harmless(string name)
    {
        var target = Find(name);
        foreach (var body in target.Corpus())
            Run(target, body);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_body_cut_at_any_byte_is_taken_or_refused(string name)
    {
        var target = Find(name);
        var refused = 0;
        foreach (var body in target.Corpus().Where(body => body.Length <= (IsLong ? LongestExhaustiveBody : UsualLongestExhaustiveBody)))
        {
            for (var length = 0; length < body.Length; length++)
                refused += Run(target, body[..length]) ? 0 : 1;
        }

        Assert.NotEqual(0, refused);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_body_with_any_byte_changed_is_taken_or_refused(string name)
    {
        // In a usual run each byte in turn gets one of the changes; a long one makes them all.
        var target = Find(name);
        var step = IsLong ? 1 : UsualStep;
        var turn = 0;
        foreach (var body in target.Corpus().Where(body => body.Length <= (IsLong ? LongestExhaustiveBody : UsualLongestExhaustiveBody)))
        {
            for (var i = 0; i < body.Length; i++)
            {
                var original = body[i];
                byte[] changes = [.. Replacements, .. Enumerable.Range(0, 8).Select(bit => (byte)(original ^ (1 << bit)))];
                for (var change = turn++ % step; change < changes.Length; change += step)
                {
                    body[i] = changes[change];
                    Run(target, body);
                }

                body[i] = original;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Random_changes_are_taken_or_refused(string name)
    {
        var target = Find(name);
        if (Environment.GetEnvironmentVariable(TargetsVariable) is { Length: > 0 } chosen && !chosen.Split(',').Contains(name))
            Assert.Skip($"{TargetsVariable} does not name {name}");
        var mutator = new FuzzMutator(target.Structure, target.Corpus(), Seed);
        var taken = 0;
        for (var round = 0; round < Rounds; round++)
            taken += Run(target, mutator.Next()) ? 1 : 0;
        Assert.InRange(taken, Rounds / 50, Rounds - 1);
    }

    [Fact]
    public void The_formats_are_written_as_they_were_read()
    {
        foreach (var target in FuzzTarget.All().Where(target => target.Structure is not JsonFuzzFormat))
        {
            foreach (var body in target.Corpus())
            {
                if (target.Structure.Parse(body) is { } root && target.Name is not ("jaeger-binary" or "jaeger-compact"))
                    Assert.Equal(body, target.Structure.Write(root));
            }
        }
    }

    [Fact]
    public void The_check_notices_a_decoder_that_fails()
    {
        var broken = FuzzTarget.All()[0] with { Decode = (_, _, _) => throw new InvalidOperationException("broken") };
        Assert.Throws<InvalidOperationException>(() => _check.Run(broken, OtlpMessages.Full()));
    }

    private static int Rounds => Number(RoundsVariable, UsualRounds);

    private static int Seed => Number(SeedVariable, UsualSeed);

    private static bool IsLong => Rounds > UsualRounds;

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var set) ? set : otherwise;

    private static FuzzTarget Find(string name) => FuzzTarget.All().Single(target => target.Name == name);

    /// <summary>Whether the body was taken. One that breaks something is kept.</summary>
    private bool Run(FuzzTarget target, byte[] body)
    {
        try
        {
            return _check.Run(target, body) is null;
        }
        catch (Exception e)
        {
            var file = target.PathOfFinding(body);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, body);
            throw new InvalidOperationException($"{target.Name}: {e.Message} The body is kept in tests/data/{target.Folder}/{FuzzTarget.FoundFolder}/{Path.GetFileName(file)}.", e);
        }
    }
}
