using FsCheck;
using FsCheck.Fluent;
using Serverless.Tracing.Alerting;

namespace Serverless.Tests.Alerting;

public sealed class AlertMachineTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly LabelSet Labels = LabelSet.Of("service", "shop");

    [Fact]
    public void A_condition_has_to_last_before_the_alert_fires()
    {
        var timing = new AlertTiming(TimeSpan.FromMinutes(1), TimeSpan.Zero);
        Assert.Equal("PPFFR.", Run(timing, "111100", TimeSpan.FromSeconds(30), forget: true));
        Assert.Equal("P.PPF", Run(timing, "10111", TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void An_alert_can_be_kept_firing_against_flapping()
    {
        var timing = new AlertTiming(TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.Equal("FFFFFR", Run(timing, "101100", TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void What_fires_again_after_it_was_resolved_is_a_new_alert()
    {
        var fired = AlertMachine.Step(Labels, null, true, 1, Start, default)! with { NotifiedAt = Start };
        var resolved = AlertMachine.Step(Labels, fired, false, 0, Start.AddSeconds(30), default);
        var again = AlertMachine.Step(Labels, resolved, true, 2, Start.AddSeconds(60), default)!;
        Assert.Equal((AlertStatus.Firing, Start.AddSeconds(60), null), (again.Status, again.FiredAt!.Value, again.NotifiedAt));
    }

    /// <summary>Any sequence of conditions, durations and gaps: judged by what the words mean, looking back over all that was.</summary>
    [Fact]
    public void The_states_are_what_their_words_mean()
    {
        var steps = Gen.Elements(true, false).Zip(Gen.Choose(1, 90)).ListOf();
        var cases = steps.Zip(Gen.Elements(0, 30, 60, 120).Zip(Gen.Elements(0, 30, 60)));
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var timing = new AlertTiming(TimeSpan.FromSeconds(c.Item2.Item1), TimeSpan.FromSeconds(c.Item2.Item2));
            AlertState? state = null;
            var now = Start;
            DateTimeOffset? trueSince = null;
            DateTimeOffset? lastTrue = null;
            var isFiring = false;
            var fired = 0;
            var resolved = 0;
            foreach (var (isTrue, seconds) in c.Item1)
            {
                now += TimeSpan.FromSeconds(seconds);
                var before = state;
                state = AlertMachine.Step(Labels, before, isTrue, 1, now, timing);
                // The repetition of an evaluation at its own time changes nothing.
                Assert.Equal(state, AlertMachine.Step(Labels, state, isTrue, 1, now, timing));

                if (isTrue)
                {
                    trueSince ??= now;
                    lastTrue = now;
                    isFiring |= now - trueSince >= timing.For;
                }
                else if (!isFiring || now - lastTrue >= timing.KeepFiringFor)
                {
                    isFiring = false;
                    trueSince = null;
                }

                Assert.Equal(isFiring, state?.Status == AlertStatus.Firing);
                Assert.Equal(!isFiring && isTrue, state?.Status == AlertStatus.Pending);
                fired += state?.Status == AlertStatus.Firing && before?.Status != AlertStatus.Firing ? 1 : 0;
                resolved += state?.Status == AlertStatus.Resolved && before?.Status != AlertStatus.Resolved ? 1 : 0;
                Assert.InRange(fired - resolved, 0, 1);
            }
        }).QuickCheckThrowOnFailure();
    }

    private static string Run(AlertTiming timing, string conditions, TimeSpan step, bool forget = false)
    {
        AlertState? state = null;
        var now = Start;
        var states = "";
        foreach (var condition in conditions)
        {
            state = AlertMachine.Step(Labels, state, condition == '1', 1, now, timing);
            states += state is null ? "." : state.Status.ToString()[0];
            now += forget && state?.Status == AlertStatus.Resolved ? AlertMachine.ResolvedRetention + step : step;
        }

        return states;
    }
}
