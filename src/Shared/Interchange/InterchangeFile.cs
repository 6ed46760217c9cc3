using Lockstep.Model.Memory;
using Lockstep.Model.Text;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Files;

namespace Lockstep.Shared.Interchange;

/// <summary>Opens and creates files, with errors that a user can act on.</summary>
public static class InterchangeFile
{
    /// <summary>Creates a new file, whole or not at all.</summary>
    /// <param name="path">The file, which must not exist.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="InterchangeException">It exists, or the disk failed. Nothing of it remains.</exception>
    public static void Create(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        try
        {
            RefuseExisting(path);
            Disk.OfThisMachine.WriteWhole(path, write, overwrite: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string reason = e is DirectoryNotFoundException ? "its folder does not exist." : e.Message;
            throw new InterchangeException(
                InterchangeError.Io, path, $"could not be written: {reason} Check the folder, its permissions and the disk's free space.",
                e);
        }
    }

    /// <summary>Throws if a file or folder of that name exists.</summary>
    /// <exception cref="InterchangeException">It exists.</exception>
    public static void RefuseExisting(string path)
    {
        if (Path.Exists(path))
            throw new InterchangeException(
                InterchangeError.Exists, path, "exists, and is not replaced. Choose another name, or remove it first.");
    }

    /// <summary>Returns the tensors if all their values are finite.</summary>
    /// <exception cref="InterchangeException">A value is not; the message says where.</exception>
    internal static IReadOnlyList<NamedTensor> RequireFinite(IReadOnlyList<NamedTensor> tensors, string path)
    {
        string? problem = NonFiniteValues.Join(
            tensors.Select(tensor => NonFiniteValues.Describe(ForeignText.Quote(tensor.Name), tensor.Shape, tensor.Values)));
        return problem is null
            ? tensors
            : throw new InterchangeException(
                InterchangeError.NotFinite, path,
                $"is not finite: {problem}. The training diverged; save earlier weights.");
    }

    /// <summary>What a file is that is not what was expected; null for what is not known, and for archives, which are damaged.</summary>
    internal static string? PredicateOf(Stream stream)
    {
        stream.Position = 0;
        byte[] head = ForeignContent.HeadOf(stream);
        return head.AsSpan().StartsWith("PK"u8) ? null : ForeignContent.Predicate(head);
    }

    /// <summary>Opens and reads a file.</summary>
    /// <exception cref="InterchangeException">It cannot be opened or read, or ends too early.</exception>
    internal static T Read<T>(string path, Func<Stream, T> read)
    {
        try
        {
            using FileStream stream = RegularFile.OpenToRead(path);
            return read(stream);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InterchangeException(InterchangeError.NotFound, path, "does not exist.", e);
        }
        catch (EndOfStreamException e)
        {
            throw new InterchangeException(
                InterchangeError.Truncated, path, "is truncated: it ends in the middle of a tensor. Copy or export it again.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InterchangeException(
                InterchangeError.Io, path, $"cannot be read: {BoundedFile.ReasonOf(path, e)}.", e);
        }
    }
}
