namespace Serverless.Local;

/// <summary>
/// The faults that a <see cref="LocalPlatform"/> injects into its own services, so that tests can make any operation of
/// the hub or of the tables fail, throttle, be slow, or succeed and lose its answer. Safe to change while calls run.
/// </summary>
public sealed class FaultPlan
{
    private readonly Lock _gate = new();
    private readonly List<(Fault Fault, int Struck)> _faults = [];
    private Random _random = new(1);
    private volatile bool _any;

    /// <summary>Called with each fault that strikes and the operation that it struck.</summary>
    public event Action<Fault, string>? Struck;

    /// <summary>Adds a fault; several may apply to one operation, the first drawn wins.</summary>
    public void Add(Fault fault)
    {
        lock (_gate)
        {
            _faults.Add((fault, 0));
            _any = true;
        }
    }

    /// <summary>Adds faults written as <see cref="Fault.Parse"/> reads them, separated by <c>;</c> or <c>,</c>.</summary>
    /// <exception cref="FormatException">A fault is malformed; the message names the part.</exception>
    public void AddAll(string text)
    {
        foreach (var fault in text.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            Add(Fault.Parse(fault));
    }

    /// <summary>Removes all faults.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _faults.Clear();
            _any = false;
        }
    }

    /// <summary>Starts the sequence of chances again from a seed, so that a run can be repeated.</summary>
    public void Seed(int seed)
    {
        lock (_gate)
            _random = new Random(seed);
    }

    /// <summary>
    /// Draws the fault, if any, that strikes this call of an operation on a hub or table; of one kind alone where that is given. The service carries it out.
    /// </summary>
    internal Fault? Draw(string operation, string target = "", FaultKind? kind = null)
    {
        if (!_any)
            return null;
        Fault? drawn = null;
        lock (_gate)
        {
            for (var i = 0; i < _faults.Count && drawn is null; i++)
            {
                var (fault, struck) = _faults[i];
                if ((kind is not null && fault.Kind != kind) || struck >= (fault.Count ?? int.MaxValue) || !fault.Strikes(operation, target) || _random.NextDouble() >= fault.Probability)
                    continue;
                _faults[i] = (fault, struck + 1);
                drawn = fault;
            }
        }

        if (drawn is not null)
            Struck?.Invoke(drawn, operation);
        return drawn;
    }
}
