namespace Lockstep.Hostile.Tests;

/// <summary>One reader of bytes that come from strangers.</summary>
/// <param name="Name">Its name, and that of its folder in the corpus.</param>
/// <param name="Read">Reads bytes; gives them back in a form of its own where it can write what it read, else null. Runs on the calling
/// thread.</param>
/// <param name="IsTyped">Whether an exception is one that the reader may throw at bad bytes.</param>
/// <param name="FreeBytes">What it may allocate whatever it reads.</param>
/// <param name="BytesPerByte">What it may allocate for each byte that it reads.</param>
public sealed record Parser(
    string Name, Func<byte[], byte[]?> Read, Func<Exception, bool> IsTyped, long FreeBytes = 1 << 20, int BytesPerByte = 100)
{
    /// <summary>Reads bytes, and fails the test if anything but a refusal with a message comes of it.</summary>
    /// <returns>Whether they were read.</returns>
    public bool Try(byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool isRead = true;
        byte[]? written = null;
        try
        {
            written = Read(bytes);
        }
        catch (Exception e) when (IsTyped(e))
        {
            isRead = false;
            Assert.False(string.IsNullOrWhiteSpace(e.Message), $"{Name}: a refusal without a message.");
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before, allowed = FreeBytes + (long)BytesPerByte * bytes.Length;
        Assert.True(
            allocated <= allowed,
            $"{Name}: {allocated:N0} bytes allocated for {bytes.Length:N0} of input; at most {allowed:N0} are expected.");
        if (written is not null)
            Assert.Equal(written, Read(written));
        return isRead;
    }

    public override string ToString() => Name;
}
