using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Lockstep.Cli.Hosting;

/// <summary>
/// Standard output or standard error. What cannot be written to it, as on a full disk or where the reader of a pipe has left, is dropped
/// and remembered: losing it ends nothing.
/// </summary>
/// <param name="descriptor">1 or 2.</param>
internal sealed partial class StandardStream(int descriptor) : Stream
{
    private const int GetDescriptorFlags = 1, CloseOnExec = 1, ReadAndWrite = 2;
    private const int Interrupted = 4, BadDescriptor = 9, BrokenPipe = 32, NonBlocking = 11;
    private const short CanWriteNow = 4;

    private readonly bool _isClosed = !OperatingSystem.IsWindows() && !IsInherited(descriptor);
    private readonly Stream? _windows = OperatingSystem.IsWindows() ? OpenOnWindows(descriptor) : null;

    /// <summary>Why the first of what was dropped could not be written; null while all was.</summary>
    public string? Loss { get; private set; }

    /// <summary>Whether all that was dropped was for a reader that has left, such as <c>head</c>.</summary>
    public bool ReaderLeft { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>
    /// Gives the numbers of standard streams that this process was started without to the null device, before a file of the run gets them.
    /// The first thing to do.
    /// </summary>
    public static void TakeClosed()
    {
        if (OperatingSystem.IsWindows())
            return;
        for (int descriptor = 0; descriptor <= 2; descriptor++)
        {
            if (Control(descriptor, GetDescriptorFlags) < 0)
                _ = Open("/dev/null", ReadAndWrite);
        }
    }

    /// <summary>
    /// Whether this process was started with a descriptor: what it opens itself, as the runtime does before it, is closed on exec.
    /// </summary>
    public static bool IsInherited(int descriptor) => (Control(descriptor, GetDescriptorFlags) & CloseOnExec) == 0;

    /// <summary>A writer on it that writes at once, and from any thread.</summary>
    public TextWriter ToWriter(Encoding encoding) =>
        TextWriter.Synchronized(
            new StreamWriter(this, encoding is UTF8Encoding ? new UTF8Encoding(false) : encoding, bufferSize: 256) { AutoFlush = true });

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_isClosed)
            Lose(BadDescriptor);
        else if (_windows is null)
            WriteAll(buffer);
        else
            WriteOnWindows(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void WriteAll(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            nint written = WriteSome(descriptor, buffer, buffer.Length);
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error == (OperatingSystem.IsLinux() ? NonBlocking : 35))
            {
                var poll = new PollDescriptor { Descriptor = descriptor, Events = CanWriteNow };
                _ = Poll(ref poll, 1, -1);
            }
            else if (error != Interrupted)
            {
                Lose(error);
                return;
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Stream OpenOnWindows(int descriptor) => descriptor == 1 ? Console.OpenStandardOutput() : Console.OpenStandardError();

    private void WriteOnWindows(ReadOnlySpan<byte> buffer)
    {
        try
        {
            _windows!.Write(buffer);
        }
        catch (IOException e)
        {
            Loss ??= e.Message.TrimEnd('.');
        }
    }

    private void Lose(int error)
    {
        ReaderLeft = error == BrokenPipe && (Loss is null || ReaderLeft);
        Loss ??= error switch
        {
            BadDescriptor => "it is closed",
            BrokenPipe => "its reader has left",
            _ => Marshal.GetPInvokeErrorMessage(error),
        };
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events, Returned;
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteSome(int descriptor, ReadOnlySpan<byte> bytes, nint count);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollDescriptor descriptors, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int descriptor, int command);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
