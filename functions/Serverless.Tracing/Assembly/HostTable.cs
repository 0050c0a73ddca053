using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>Gives each host a number: by its address, or where none is named by the service.</summary>
internal sealed class HostTable
{
    private readonly Dictionary<Resource, int> _ofResource = new(ByReference.Instance);
    private readonly Dictionary<(string Host, string Service), int> _numbers = [];
    private readonly List<(string Host, string Service)> _hosts = [];
    private Resource? _last;
    private int _lastNumber;

    public int NumberOf(Resource resource)
    {
        if (ReferenceEquals(resource, _last))
            return _lastNumber;
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_ofResource, resource, out var exists);
        if (!exists)
        {
            var key = (SpanOrigin.HostOf(resource), resource.ServiceName);
            if (!_numbers.TryGetValue(key, out number))
            {
                number = _hosts.Count;
                _hosts.Add(key);
                _numbers.Add(key, number);
            }
        }

        _last = resource;
        return _lastNumber = number;
    }

    public (string Host, string Service) this[int number] => _hosts[number];

    /// <summary>Both run by one clock: their addresses are the same, or one is unknown and they are of one service.</summary>
    public bool IsSame(int a, int b)
    {
        if (a == b)
            return true;
        var (x, y) = (_hosts[a], _hosts[b]);
        return x.Host.Length > 0 && y.Host.Length > 0 ? x.Host == y.Host : x.Service == y.Service;
    }

    private sealed class ByReference : IEqualityComparer<Resource>
    {
        public static readonly ByReference Instance = new();

        public bool Equals(Resource? x, Resource? y) => ReferenceEquals(x, y);

        public int GetHashCode(Resource resource) => RuntimeHelpers.GetHashCode(resource);
    }
}
