using System.Runtime.CompilerServices;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>Gives each host a number: by its address, or where none is named by the service.</summary>
internal sealed class HostTable
{
    private readonly SmallTable<ByReference, int> _ofResource = new();
    private readonly SmallTable<(string Host, string Service), int> _numbers = new();
    private readonly List<(string Host, string Service)> _hosts = [];
    private Resource? _last;
    private int _lastNumber;

    public int NumberOf(Resource resource)
    {
        if (ReferenceEquals(resource, _last))
            return _lastNumber;
        ref var number = ref _ofResource.Of(new ByReference(resource), out var exists);
        if (!exists)
        {
            var key = (SpanOrigin.HostOf(resource), resource.ServiceName);
            ref var ofHost = ref _numbers.Of(key, out var isKnown);
            if (!isKnown)
            {
                ofHost = _hosts.Count;
                _hosts.Add(key);
            }

            number = ofHost;
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

    private readonly struct ByReference(Resource resource) : IEquatable<ByReference>
    {
        private readonly Resource _resource = resource;

        public bool Equals(ByReference other) => ReferenceEquals(_resource, other._resource);

        public override bool Equals(object? obj) => obj is ByReference other && Equals(other);

        public override int GetHashCode() => RuntimeHelpers.GetHashCode(_resource);
    }
}
