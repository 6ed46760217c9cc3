using Lockstep.Chaos.Plans;
using Lockstep.Chaos.Results;
using Lockstep.Shared.Files;

namespace Lockstep.Cli.Board;

/// <summary>
/// The results of <c>chaos</c> that a board shows: those of the folder that it serves, and of the folders in it. What a name stands for is
/// looked up among them, and links are not followed.
/// </summary>
/// <param name="parent">The folder.</param>
internal sealed class ChaosShelf(string parent)
{
    private const int MostPictureBytes = 16 << 20;

    /// <summary>All of them without their faults, the newest first.</summary>
    public IReadOnlyList<BoardChaos> List() =>
    [
        .. Folders().Select(Read).OfType<BoardChaos>().Select(found => found with { Result = found.Result with { Faults = [] } })
            .OrderByDescending(found => found.Ended),
    ];

    /// <summary>One whole; null if there is none of this name.</summary>
    public BoardChaos? Find(string name) => FolderOf(name) is { } folder ? Read(folder) : null;

    /// <summary>Its timeline, an SVG; null if there is none of this name.</summary>
    public byte[]? PictureOf(string name) =>
        FolderOf(name) is { } folder && Read(folder) is { HasPicture: true } ? BytesOf(folder.Picture, MostPictureBytes) : null;

    private ChaosFolder? FolderOf(string name) => Folders().FirstOrDefault(folder => NameOf(folder) == name);

    private IEnumerable<ChaosFolder> Folders() => Directory.Exists(parent)
        ? Directory.GetDirectories(parent).Prepend(parent).Select(path => new ChaosFolder(path)).Where(folder => IsFile(folder.Result))
        : [];

    private static BoardChaos? Read(ChaosFolder folder) =>
        BytesOf(folder.Result, BoundedFile.MaxTextBytes) is { } bytes && ResultJson.Read(bytes) is { } result
            ? new BoardChaos(
                NameOf(folder),
                result.Outcome switch { ChaosResult.Same => "good", ChaosResult.Stopped => "soft", _ => "bad" },
                File.GetLastWriteTimeUtc(folder.Result), IsFile(folder.Picture),
                [.. result.Faults.Select(fault => fault.Planned.ToWords())], result)
            : null;

    private static string NameOf(ChaosFolder folder) =>
        Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder.Path)));

    private static bool IsFile(string path) => new FileInfo(path) is { Exists: true, LinkTarget: null };

    private static byte[]? BytesOf(string path, int most)
    {
        try
        {
            return BoundedFile.ReadAllBytes(path, most);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
