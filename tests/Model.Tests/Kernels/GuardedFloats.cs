using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Lockstep.Model.Tests.Kernels;

/// <summary>
/// Floats that end right before, or begin right after, a page that may not be touched: a kernel that reads or writes one float too far ends
/// the process. Where pages cannot be protected the neighbours hold a value that is checked on disposal.
/// </summary>
internal sealed unsafe partial class GuardedFloats : IDisposable
{
    private const int PageSize = 65536;
    private const int ReadWrite = 3, PrivateAnonymous = 0x22;
    private const float Canary = -123456.78f;

    private readonly byte* _mapping;
    private readonly nuint _mapped;
    private readonly float* _start;

    /// <param name="values">Content.</param>
    /// <param name="atEnd">Whether the guard follows the floats, otherwise it precedes them.</param>
    public GuardedFloats(ReadOnlySpan<float> values, bool atEnd)
    {
        Length = values.Length;
        nuint inner = ((nuint)values.Length * sizeof(float) + PageSize - 1) / PageSize * PageSize + PageSize;
        _mapped = inner + 2 * PageSize;
        if (OperatingSystem.IsLinux())
        {
            _mapping = Map(null, _mapped, ReadWrite, PrivateAnonymous, -1, 0);
            if ((nint)_mapping == -1 || Protect(_mapping, PageSize, 0) != 0 || Protect(_mapping + PageSize + inner, PageSize, 0) != 0)
                throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
        else
        {
            _mapping = (byte*)NativeMemory.AlignedAlloc(_mapped, PageSize);
            new Span<float>(_mapping, (int)(_mapped / sizeof(float))).Fill(Canary);
        }

        _start = atEnd ? (float*)(_mapping + PageSize + inner) - values.Length : (float*)(_mapping + PageSize);
        values.CopyTo(Span);
    }

    public int Length { get; }

    public Span<float> Span => new(_start, Length);

    public void Dispose()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Unmap(_mapping, _mapped);
            return;
        }

        float before = _start[-1], after = _start[Length];
        NativeMemory.AlignedFree(_mapping);
        Assert.Equal((Canary, Canary), (before, after));
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial byte* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(void* address, nuint length);
}
