namespace Serverless.Tracing.Search;

/// <summary>The distinct names of a batch: operations, remote services, attribute keys.</summary>
internal sealed class SeenNames
{
    /// <summary>How many attribute keys are handed out for a service.</summary>
    public const int MaxTagKeysPerService = 500;

    private readonly IdTable _remotes = new();
    private readonly IdTable _groups = new();
    private readonly IdTable _keys = new();
    private readonly Dictionary<int, int> _keysOfService = [];
    private readonly List<SeenOperation> _operations = [];
    private readonly List<SeenRemoteService> _remoteServices = [];
    private readonly List<SeenTagKey> _tagKeys = [];

    public NameTable Names { get; } = new();

    public IReadOnlyList<SeenOperation> Operations => _operations;

    public IReadOnlyList<SeenRemoteService> RemoteServices => _remoteServices;

    public IReadOnlyList<SeenTagKey> TagKeys => _tagKeys;

    public void Reset()
    {
        Names.Trim();
        _remotes.Reset();
        _groups.Reset();
        _keys.Reset();
        _keysOfService.Clear();
        _operations.Clear();
        _remoteServices.Clear();
        _tagKeys.Clear();
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
