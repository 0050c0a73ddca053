using System.Collections.Concurrent;

namespace Serverless.Local;

/// <summary>
/// The Azure services on one machine: one folder, locked by one process. Clients of the Azure namespaces find it by
/// connection string (<see cref="ConnectionString"/>), or take <see cref="Current"/> when theirs names none.
/// </summary>
public sealed class LocalPlatform : IAsyncDisposable
{
    private const string IdKey = "LocalPlatform=";

    private static readonly ConcurrentDictionary<string, LocalPlatform> OpenPlatforms = new();
    private static LocalPlatform? _current;
    private static int _lastId;

    private readonly FileStream _lock;
    private readonly Lock _gate = new();
    private readonly List<IAsyncDisposable> _services = [];
    private readonly string _id;

    private LocalPlatform(LocalPlatformOptions options, FileStream lockFile)
    {
        Options = options;
        _lock = lockFile;
        _id = Interlocked.Increment(ref _lastId).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The platform that was opened last and is still open, or null.</summary>
    public static LocalPlatform? Current => _current;

    /// <summary>What the platform was opened with.</summary>
    public LocalPlatformOptions Options { get; }

    /// <summary>The faults that its services inject.</summary>
    public FaultPlan Faults { get; } = new();

    /// <summary>A connection string that leads clients of both the tables and the hubs to this platform.</summary>
    public string ConnectionString => $"UseDevelopmentStorage=true;{IdKey}{_id}";

    /// <summary>Opens the folder.</summary>
    /// <exception cref="LocalPlatformException">Another process has it open, or it cannot be written.</exception>
    public static LocalPlatform Open(LocalPlatformOptions options)
    {
        var path = Path.Combine(options.Folder, "lock");
        FileStream lockFile;
        try
        {
            Directory.CreateDirectory(options.Folder);
            lockFile = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new LocalPlatformException(
                $"The data folder '{Path.GetFullPath(options.Folder)}' is in use by another process. Stop it, or choose another folder with --data.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LocalPlatformException(
                $"The data folder '{Path.GetFullPath(options.Folder)}' cannot be used: {e.Message} Choose another with --data.", e);
        }

        var platform = new LocalPlatform(options, lockFile);
        OpenPlatforms[platform._id] = platform;
        _current = platform;
        return platform;
    }

    /// <summary>Closes every service, then frees the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!OpenPlatforms.TryRemove(_id, out _))
            return;
        Interlocked.CompareExchange(ref _current, null, this);
        for (var i = _services.Count - 1; i >= 0; i--)
            await _services[i].DisposeAsync().ConfigureAwait(false);
        await _lock.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The platform that a client's connection string names, or the current one where it names none.</summary>
    internal static LocalPlatform Find(string? connectionString)
    {
        var id = connectionString?.Split(';').FirstOrDefault(part => part.StartsWith(IdKey, StringComparison.Ordinal))?[IdKey.Length..];
        var platform = id is null ? _current : OpenPlatforms.GetValueOrDefault(id);
        return platform ?? throw new InvalidOperationException(
            "No local platform is open. Build the app through FunctionsApplication.CreateBuilder, or call LocalPlatform.Open first.");
    }

    /// <summary>The one instance of a service in this platform, made on first use and disposed with it.</summary>
    internal T Service<T>(Func<LocalPlatform, T> create)
        where T : class, IAsyncDisposable
    {
        lock (_gate)
        {
            var service = _services.OfType<T>().FirstOrDefault();
            if (service is null)
            {
                ObjectDisposedException.ThrowIf(!OpenPlatforms.ContainsKey(_id), this);
                _services.Add(service = create(this));
            }

            return service;
        }
    }
}
