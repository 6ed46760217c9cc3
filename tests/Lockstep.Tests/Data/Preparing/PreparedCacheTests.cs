using System.Text;
using Lockstep.Data;
using Lockstep.Data.Preparing;
using Lockstep.Model.Data;
using Lockstep.Shared.Tests.Files;

namespace Lockstep.Lockstep.Tests.Data.Preparing;

/// <summary>Files that did not change are prepared once, and a cache that is damaged or full changes nothing.</summary>
public sealed class PreparedCacheTests : IDisposable
{
    private readonly OwnFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Load_FilesThatDidNotChange_AreTakenFromTheCache()
    {
        string path = Large();
        LoadedDataset first = await LoadAsync(path);
        string entry = Assert.Single(Entries());
        DateTime written = File.GetLastWriteTimeUtc(entry);

        LoadedDataset again = await LoadAsync(path);
        LoadedDataset resumed = await LoadAsync(path, known: first);

        Assert.Equal(entry, Assert.Single(Entries()));
        Assert.True(File.GetLastWriteTimeUtc(entry) > written, "It was not used.");
        Assert.Equal(first.Data.Sha256, again.Data.Training.Count == first.Data.Training.Count ? Computed(again.Data) : "");
        Assert.Equal((first.Data.Sha256, first.Data.TrainingExamples), (resumed.Data.Sha256, resumed.Data.TrainingExamples));
        Assert.Equal(first.Data.Preparation!.Classes, resumed.Data.Preparation!.Classes);
        Assert.Equal(first.Notices, again.Notices);
    }

    [Fact]
    public async Task Load_OtherContentOrOtherWishes_AreOtherEntries()
    {
        string path = Large();
        string first = (await LoadAsync(path)).Data.Sha256;
        string other = (await LoadAsync(path, OwnFiles.Kind with { SplitKey = 2 })).Data.Sha256;
        File.AppendAllText(path, "2.5,1,red,iris,\n");
        string changed = (await LoadAsync(path)).Data.Sha256;

        Assert.Equal(3, new[] { first, other, changed }.Distinct().Count());
        Assert.Equal(3, Entries().Length);
    }

    [Fact]
    public async Task Load_EntryCutOrChangedAnywhere_IsPreparedAgain()
    {
        string path = Large();
        string expected = (await LoadAsync(path)).Data.Sha256;
        byte[] good = File.ReadAllBytes(Assert.Single(Entries()));
        var random = new Random(1);
        int[] places = [0, 5, 9, 12, 20, 100, 400, .. Enumerable.Range(0, 20).Select(_ => random.Next(good.Length)), good.Length - 1];
        foreach (int place in places)
        {
            byte[] changed = [.. good];
            changed[place] ^= 1;
            Assert.Null(PreparedFile.Read(new MemoryStream(changed)));
            Assert.Null(PreparedFile.Read(new MemoryStream(good, 0, place)));
        }

        File.WriteAllBytes(Assert.Single(Entries()), good[..^1]);
        Assert.Equal(expected, (await LoadAsync(path)).Data.Sha256);
        Assert.Equal(good, File.ReadAllBytes(Assert.Single(Entries())));
    }

    [Fact]
    public void Keep_TooMuch_RemovesWhatWasNotUsedForLongest()
    {
        var cache = new PreparedCache(_files.Path, mostBytes: 1500);
        PreparedData data = new(
            new Dataset("d", Rows(100), Rows(20)).ToSpec(), Rows(100), Rows(20), ["a notice"]);
        cache.Keep(new string('1', 64), "", data);
        cache.Keep(new string('2', 64), "", data);
        File.SetLastWriteTimeUtc(Directory.GetFiles(_files.Path, "2*")[0], DateTime.UtcNow.AddDays(-1));

        cache.Keep(new string('3', 64), "", data);

        Assert.Null(cache.Find(new string('2', 64), "", null));
        Assert.Equal("a notice", Assert.Single(cache.Find(new string('3', 64), "", null)!.Notices));
    }

    [SkippableFact]
    public void DigestOf_FolderWithAPipeAndALoop_OpensNeither()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no pipes in folders.");
        string inner = Directory.CreateDirectory(_files.File("folder/inner")).FullName;
        File.WriteAllBytes(Path.Combine(inner, "large.bin"), new byte[9_000_000]);
        string before = PreparedCache.DigestOf([_files.File("folder")], progress: null, CancellationToken.None)!;
        _ = NamedPipe.Make(Path.Combine(inner, "pipe"));
        _ = Directory.CreateSymbolicLink(Path.Combine(inner, "loop"), _files.File("folder"));

        string? after = PreparedCache.DigestOf([_files.File("folder")], progress: null, CancellationToken.None);

        Assert.NotNull(after);
        Assert.NotEqual(before, after); // Its name is told, not its content.
    }

    [Fact]
    public async Task Load_CacheThatCannotBeWritten_IsNoFailure()
    {
        string path = Large(), blocked = _files.Write("blocked", "");

        var loader = new DatasetLoader(new DatasetLoaderOptions { CacheDirectory = blocked });

        Assert.NotNull(await loader.LoadAsync(new DatasetRequest { Path = path, Preparing = OwnFiles.Kind }));
    }

    private static FeatureSet Rows(int count) => FeatureSet.FromRows(new float[count], new byte[count], 1);

    private static string Computed(Dataset data) => new Dataset(data.Name, data.Training, data.Test, data.ValidationExamples).Sha256;

    private Task<LoadedDataset> LoadAsync(string path, PreparationOptions? options = null, LoadedDataset? known = null) =>
        new DatasetLoader(new DatasetLoaderOptions { CacheDirectory = _files.File("cache") }).LoadAsync(
            new DatasetRequest { Path = path, Preparing = options ?? OwnFiles.Kind, Known = known?.Data.ToSpec() });

    private string[] Entries() => Directory.GetFiles(_files.File("cache/prepared"));

    /// <summary>Large enough for the cache: a column that is ignored in all but size.</summary>
    private string Large()
    {
        var text = new StringBuilder("length,width,colour,kind,note\n");
        for (int i = 0; i < 9000; i++)
            _ = text.Append(i % 7).Append(',').Append(i % 5).Append(",red,").Append(i % 3 == 0 ? "rose," : "iris,").Append(
                'x', 1000).Append('\n');
        return _files.Write("large.csv", text.ToString());
    }
}
