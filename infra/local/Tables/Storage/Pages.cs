using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Serverless.Local.Tables.Storage;

/// <summary>
/// Memory outside of the garbage-collected heap. Large pieces are the system's own pages where that is Linux, and go back to it when they are freed: the C library's
/// allocator would keep them, in as many heaps as there are threads.
/// </summary>
internal static unsafe partial class Pages
{
    private const int LeastMappedBytes = 256 * 1024;

    // <sys/mman.h>
    private const int ReadAndWrite = 1 | 2;
    private const int PrivateAndAnonymous = 2 | 0x20;
    private const nint Failed = -1;

    /// <summary>Memory of that size, uninitialised.</summary>
    /// <exception cref="OutOfMemoryException">There is none.</exception>
    public static byte* Allocate(int bytes)
    {
        if (!IsMapped(bytes))
            return (byte*)NativeMemory.Alloc((nuint)bytes);
        var mapped = Map(0, (nuint)bytes, ReadAndWrite, PrivateAndAnonymous, -1, 0);
        return mapped != Failed ? (byte*)mapped : throw new OutOfMemoryException($"{bytes} bytes could not be mapped: {new Win32Exception().Message}");
    }

    /// <summary>Frees what was allocated with that size.</summary>
    public static void Free(byte* memory, int bytes)
    {
        if (IsMapped(bytes))
            _ = Unmap((nint)memory, (nuint)bytes);
        else
            NativeMemory.Free(memory);
    }

    private static bool IsMapped(int bytes) => bytes >= LeastMappedBytes && OperatingSystem.IsLinux();

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
