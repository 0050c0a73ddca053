namespace Serverless.EndToEnd.Harness;

/// <summary>A data folder of its own, deleted at the end.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("serverless-e2e-");

    public string Path => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
