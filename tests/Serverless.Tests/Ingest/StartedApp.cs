using Serverless.Tests.Querying;

namespace Serverless.Tests.Ingest;

/// <summary>The app, once for all tests of a class.</summary>
public sealed class StartedApp : IAsyncLifetime
{
    public QueryApp App { get; private set; } = null!;

    public async ValueTask InitializeAsync() => App = await QueryApp.StartAsync();

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
