using System.IO.Compression;
using Lockstep.Model.Text;

namespace Lockstep.Shared.Interchange;

/// <summary>The arrays in an archive of NumPy's (<c>.npz</c>). Folders, and what macOS adds to archives, are as if they were not
/// there.</summary>
internal static class NpzEntries
{
    /// <summary>Extension of the name of an array.</summary>
    public const string Extension = ".npy";

    /// <summary>Opens an archive, and reads from it.</summary>
    /// <param name="stream">The archive; seekable.</param>
    /// <param name="file">Its name, for errors.</param>
    /// <param name="read">Reads the entries that are to be arrays.</param>
    /// <exception cref="InterchangeException">It is no archive, or holds what is no array.</exception>
    public static T Read<T>(Stream stream, string file, Func<IReadOnlyList<ZipArchiveEntry>, T> read)
    {
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            return read([.. zip.Entries.Where(IsSeen)]);
        }
        catch (InvalidDataException e) when (e.Message.Contains("not supported", StringComparison.Ordinal))
        {
            throw new InterchangeException(
                InterchangeError.Unsupported, file,
                $"cannot be unpacked: {e.Message.TrimEnd('.')}. Save it with numpy.savez or numpy.savez_compressed.", e);
        }
        catch (InvalidDataException e)
        {
            if (InterchangeFile.PredicateOf(stream) is { } other)
                throw new InterchangeException(
                    InterchangeError.Invalid, file, $"{other}; expected an archive of NumPy's arrays (.npz), as numpy.savez writes it.", e);
            throw new InterchangeException(
                InterchangeError.Invalid, file,
                $"is not a whole zip archive, which .npz is: {e.Message.TrimEnd('.')}. Copy or save it again.", e);
        }
    }

    /// <summary>Name of the array in an entry.</summary>
    /// <exception cref="InterchangeException">It is no array.</exception>
    public static string NameOf(ZipArchiveEntry entry, string file)
    {
        if (entry.FullName.EndsWith(Extension, StringComparison.Ordinal))
            return entry.FullName[..^Extension.Length];
        string advice = entry.FullName.EndsWith(".pkl", StringComparison.Ordinal)
            ? "A pickle can run any code, so it is not read: save the state_dict with safetensors or numpy.savez."
            : "If it is what you want to read, unpack it first; save arrays with numpy.savez.";
        throw new InterchangeException(
            InterchangeError.Unsupported, file, $"holds {ForeignText.Quote(entry.FullName)}, which is no array ({Extension}). {advice}");
    }

    /// <summary>Reads the content of an entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="file">Name of the archive, for errors.</param>
    /// <param name="fileLength">Bytes of the archive.</param>
    /// <param name="read">Reads the content, to its end if <paramref name="isWhole"/>.</param>
    /// <param name="isWhole">Whether nothing may follow, and the checksum must be right.</param>
    /// <exception cref="InterchangeException">It is damaged, or cannot be used.</exception>
    public static T Read<T>(ZipArchiveEntry entry, string file, long fileLength, Func<Stream, T> read, bool isWhole = true)
    {
        string where = ForeignText.Quote(entry.FullName);
        if (entry.IsEncrypted)
            throw new InterchangeException(InterchangeError.Unsupported, file, $"holds {where} encrypted; save it without a password.");
        if (entry.CompressedLength > fileLength)
            throw new InterchangeException(
                InterchangeError.Invalid, file, $"says that {where} takes {entry.CompressedLength:N0} bytes of its {fileLength:N0}.");
        try
        {
            using Stream opened = entry.Open();
            var stream = new Crc32Stream(opened);
            T value = read(stream);
            if (isWhole && stream.ReadByte() >= 0)
                throw new FormatException("values follow its end");
            if (isWhole && stream.Value != entry.Crc32)
                throw new FormatException("its CRC-32 is wrong, so it was changed after it was written");
            return value;
        }
        catch (Exception e) when (e is FormatException or OverflowException or EndOfStreamException)
        {
            string problem = e is EndOfStreamException ? "it ends too early" : e.Message;
            throw new InterchangeException(
                e is EndOfStreamException ? InterchangeError.Truncated : InterchangeError.Invalid, file,
                $"holds {where}, which cannot be used: {problem}.", e);
        }
    }

    private static bool IsSeen(ZipArchiveEntry entry)
    {
        string name = entry.FullName;
        return !name.EndsWith('/') && !name.StartsWith("__MACOSX/", StringComparison.Ordinal)
            && !entry.Name.StartsWith("._", StringComparison.Ordinal) && entry.Name != ".DS_Store";
    }
}
