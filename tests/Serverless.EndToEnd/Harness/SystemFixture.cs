namespace Serverless.EndToEnd.Harness;

/// <summary>One running system for the tests of a class; they use different traces and services.</summary>
public class SystemFixture : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private SystemProcess? _system;

    /// <summary>Where it listens.</summary>
    public Uri Address => _system!.Address;

    /// <summary>Where it listens for gRPC, if its arguments say so.</summary>
    public Uri GrpcAddress => _system!.GrpcAddress;

    /// <summary>Where it takes datagrams, if its arguments say so.</summary>
    public Uri UdpAddress => _system!.UdpAddress;

    /// <summary>Further arguments.</summary>
    protected virtual IReadOnlyList<string> Arguments => [];

    /// <summary>Its settings, as environment variables.</summary>
    protected virtual IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>();

    public async ValueTask InitializeAsync() => _system = await SystemProcess.StartAsync(_folder.Path, Arguments, Settings);

    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
            await _system.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
