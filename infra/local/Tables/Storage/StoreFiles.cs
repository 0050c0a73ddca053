using System.Globalization;

namespace Serverless.Local.Tables.Storage;

/// <summary>The names in a store's folder: <c>manifest</c>, and numbered logs and segments. A number is used only once.</summary>
internal sealed class StoreFiles(string folder)
{
    private const string LogExtension = ".log";
    private const string SegmentExtension = ".seg";

    public string Folder { get; } = Path.GetFullPath(folder);

    public string Manifest => Path.Combine(Folder, "manifest");

    public string Log(long number) => Numbered(number, LogExtension);

    public string Segment(long number) => Numbered(number, SegmentExtension);

    /// <summary>The numbers of the logs that exist, in order.</summary>
    public IEnumerable<long> Logs() => Numbers(LogExtension).Order();

    public IEnumerable<long> Segments() => Numbers(SegmentExtension);

    private string Numbered(long number, string extension) =>
        Path.Combine(Folder, number.ToString("D10", CultureInfo.InvariantCulture) + extension);

    private IEnumerable<long> Numbers(string extension)
    {
        foreach (var path in Directory.EnumerateFiles(Folder, "*" + extension))
        {
            if (long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                yield return number;
        }
    }
}
