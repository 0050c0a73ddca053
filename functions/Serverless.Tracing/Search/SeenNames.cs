namespace Serverless.Tracing.Search;

/// <summary>The distinct names of a batch: operations, remote services, attribute keys, and the values of some.</summary>
internal sealed class SeenNames
{
    /// <summary>How many attribute keys are handed out for a service.</summary>
    public const int MaxTagKeysPerService = 500;

    /// <summary>How many values of an attribute are handed out for a batch.</summary>
    public const int MaxValuesPerKey = 500;

    // A longer one is no value to choose from.
    private const int LongestValueBytes = 256;

    private readonly IdTable _remotes = new();
    private readonly IdTable _groups = new();
    private readonly IdTable _keys = new();
    private readonly IdTable _values = new();
    private readonly Dictionary<int, int> _keysOfService = [];
    private readonly Dictionary<int, int> _valuesOfKey = [];
    private readonly List<SeenOperation> _operations = [];
    private readonly List<SeenRemoteService> _remoteServices = [];
    private readonly List<SeenTagKey> _tagKeys = [];
    private readonly List<SeenTagValue> _tagValues = [];

    public NameTable Names { get; } = new();

    public IReadOnlyList<SeenOperation> Operations => _operations;

    public IReadOnlyList<SeenRemoteService> RemoteServices => _remoteServices;

    public IReadOnlyList<SeenTagKey> TagKeys => _tagKeys;

    public IReadOnlyList<SeenTagValue> TagValues => _tagValues;

    public void Reset()
    {
        Names.Trim();
        _remotes.Reset();
        _groups.Reset();
        _keys.Reset();
        _values.Reset();
        _keysOfService.Clear();
        _valuesOfKey.Clear();
        _operations.Clear();
        _remoteServices.Clear();
        _tagKeys.Clear();
        _tagValues.Clear();
    }

    /// <summary>True the first time that a service has a group of keys.</summary>
    public bool IsNewGroup(int service, int group) => _groups.Add(Key(service, group), out _);

    public void AddTagKey(int service, int key)
    {
        if (!_keys.Add(Key(service, key), out _))
            return;
        var count = _keysOfService.GetValueOrDefault(service);
        if (count >= MaxTagKeysPerService)
            return;
        _keysOfService[service] = count + 1;
        _tagKeys.Add(new SeenTagKey(Names.Text(service), Names.Text(key)));
    }

    public void AddTagValue(int key, ReadOnlySpan<byte> utf8)
    {
        // Asked first: a key of many values must not fill the table of names.
        var count = _valuesOfKey.GetValueOrDefault(key);
        if (count >= MaxValuesPerKey || utf8.Length is 0 or > LongestValueBytes)
            return;
        var value = Names.Add(utf8);
        if (!_values.Add(Key(key, value), out _))
            return;
        _valuesOfKey[key] = count + 1;
        _tagValues.Add(new SeenTagValue(Names.Text(key), Names.Text(value)));
    }

    public void AddRemoteService(int service, int remote)
    {
        if (_remotes.Add(Key(service, remote), out _))
            _remoteServices.Add(new SeenRemoteService(Names.Text(service), Names.Text(remote)));
    }

    /// <summary>Lists the operations that the store has numbered.</summary>
    public void Finish(DigestStore store)
    {
        _operations.Clear();
        for (var i = 0; i < store.Operations.Count; i++)
        {
            ref readonly var operation = ref store.Operations[i];
            _operations.Add(new SeenOperation(Names.Text(operation.ServiceName), Names.Text(operation.Name), operation.Kind));
        }
    }

    private static ulong Key(int service, int other) => ((ulong)(uint)service << 32) | (uint)other;
}
