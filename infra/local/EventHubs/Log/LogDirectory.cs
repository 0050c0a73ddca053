using System.Runtime.InteropServices;

namespace Serverless.Local;

/// <summary>Makes names in a directory durable: a new or renamed file is only sure to be found after its directory is flushed.</summary>
internal static partial class LogDirectory
{
    /// <summary>Creates a directory, durably, with those above it.</summary>
    internal static void Create(string path)
    {
        if (Directory.Exists(path))
            return;
        var parent = Path.GetDirectoryName(Path.GetFullPath(path));
        if (parent is not null)
            Create(parent);
        Directory.CreateDirectory(path);
        if (parent is not null)
            Flush(parent);
    }

    /// <summary>Writes a small file so that, after a crash, either all of it is there under its name or nothing.</summary>
    internal static void WriteFile(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".new";
        using (var handle = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(handle, content, 0);
            RandomAccess.FlushToDisk(handle);
        }

        File.Move(temporary, path, overwrite: true);
        Flush(Path.GetDirectoryName(path)!);
    }

    /// <summary>Flushes a directory. Windows journals names by itself and cannot be asked to.</summary>
    internal static void Flush(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        const int readOnly = 0;
        var descriptor = Open(path, readOnly);
        if (descriptor < 0)
            throw new IOException($"The directory '{path}' cannot be opened (error {Marshal.GetLastPInvokeError()}).");
        try
        {
            if (Synchronize(descriptor) != 0)
                throw new IOException($"The directory '{path}' cannot be flushed to disk (error {Marshal.GetLastPInvokeError()}).");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
