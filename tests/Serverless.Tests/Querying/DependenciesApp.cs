namespace Serverless.Tests.Querying;

/// <summary>An app for the tests of one class.</summary>
public sealed class DependenciesApp : IAsyncLifetime
{
    public QueryApp App { get; private set; } = null!;

    public async ValueTask InitializeAsync() => App = await QueryApp.StartAsync();

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
