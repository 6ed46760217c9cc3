using Lockstep.Data;
using Lockstep.Model.Data;

namespace Lockstep.Lockstep.Tests.Data;

public sealed class DatasetFolderTests : IDisposable
{
    private readonly TestDataset _files = new();

    public void Dispose() => _files.Dispose();

    public static TheoryData<string, bool, string> Layouts => new()
    {
        { "data", false, "-idx" },
        { "data", true, "-idx" },
        { "data", true, ".idx" },
        { "data", false, ".idx" },
        { "data/mnist", false, "-idx" },
        { "data/mnist", true, ".idx" },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task LoadAsync_FolderInAnyLayout_IsRead(string folder, bool raw, string separator)
    {
        string written = _files.WriteTo(folder, raw, name =>
            name.Replace("-idx", separator, StringComparison.Ordinal).Replace(raw ? ".gz" : "\0", "", StringComparison.Ordinal));

        LoadedDataset loaded = await LoadAsync(null, "data");

        Assert.Equal(("mnist", 200, 40), (loaded.Data.Name, loaded.Data.Training.Count, loaded.Data.Test.Count));
        Assert.Equal((written, null), (loaded.Source, loaded.Notice));
        byte[] pixels = new byte[784];
        Assert.IsType<ImageSet>(loaded.Data.Test).CopyPixels(39, pixels);
        Assert.Equal(_files.Raw[TestDataset.TestImages][^784..], pixels);
    }

    [Fact]
    public async Task LoadAsync_OwnSubfolder_IsPreferred()
    {
        _files.WriteTo("data/fashion-mnist");
        _files.WriteTo("data");

        LoadedDataset fashion = await LoadAsync("fashion-mnist", "data");

        Assert.EndsWith("fashion-mnist", fashion.Source, StringComparison.Ordinal);
        Assert.Equal("fashion-mnist", fashion.Data.Name);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("mnist")]
    public async Task LoadAsync_FolderThatDoesNotExist_IsAnError(string? name)
    {
        var exception = await Assert.ThrowsAsync<DatasetException>(() => LoadAsync(name, "nowhere"));
        Assert.Contains(Path.Combine(_files.Folder, "nowhere"), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_FolderWithoutTheNamedDataset_SaysWhereItLookedForWhat()
    {
        Directory.CreateDirectory(Path.Combine(_files.Folder, "empty"));

        var exception = await Assert.ThrowsAsync<DatasetException>(() => LoadAsync("fashion-mnist", "empty"));

        Assert.Contains(Path.Combine(_files.Folder, "empty", "fashion-mnist"), exception.Message, StringComparison.Ordinal);
        Assert.All(_files.Files.Keys, file => Assert.Contains(file, exception.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("mnist")]
    public async Task LoadAsync_SomeFilesMissing_NamesThem(string? name)
    {
        string folder = _files.WriteTo("data");
        File.Delete(Path.Combine(folder, TestDataset.TestLabels));

        var exception = await Assert.ThrowsAsync<DatasetException>(() => LoadAsync(name, "data"));

        Assert.Contains($"missing: {TestDataset.TestLabels} ", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, TestDataset.TrainingImages)]
    [InlineData("mnist", TestDataset.TestLabels)]
    public async Task LoadAsync_DamagedFile_IsAnErrorEvenWhenNoDatasetWasNamed(string? name, string file)
    {
        string path = Path.Combine(_files.WriteTo("data"), file);
        File.WriteAllBytes(path, _files.Files[file][..^5]);

        var exception = await Assert.ThrowsAsync<IdxFormatException>(() => LoadAsync(name, "data"));

        Assert.Equal(path, exception.FileName);
    }

    [Fact]
    public async Task LoadAsync_TrainingFilesOfOtherSizeThanTest_IsAnError()
    {
        string folder = _files.WriteTo("data", raw: true);
        byte[] images = _files.Raw[TestDataset.TestImages];
        byte[] wider = [.. images[..8], 0, 0, 0, 14, 0, 0, 0, 56, .. images[16..]];
        File.WriteAllBytes(Path.Combine(folder, TestDataset.TestImages), wider);

        var exception = await Assert.ThrowsAsync<DatasetException>(() => LoadAsync("mnist", "data"));

        Assert.Contains("14 x 56", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_NothingNamedAndNothingFound_TakesSyntheticAndSaysWhyInOneLine()
    {
        Directory.CreateDirectory(Path.Combine(_files.Folder, "empty"));

        LoadedDataset loaded = await LoadAsync(null, "empty");

        Assert.Equal((DatasetCatalog.Synthetic, 60_000), (loaded.Data.Name, loaded.Data.Training.Count));
        Assert.NotNull(loaded.Notice);
        Assert.DoesNotContain('\n', loaded.Notice);
        Assert.Contains(Path.Combine(_files.Folder, "empty"), loaded.Notice, StringComparison.Ordinal);
        Assert.Contains(_files.CacheFolder, loaded.Notice, StringComparison.Ordinal);
        Assert.Contains("offline", loaded.Notice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_UnknownName_ListsTheNames()
    {
        var exception = await Assert.ThrowsAsync<DatasetException>(() => LoadAsync("emnist", null));
        Assert.Contains("mnist, fashion-mnist, synthetic", exception.Message, StringComparison.Ordinal);
    }

    private Task<LoadedDataset> LoadAsync(string? name, string? folder) => _files.Loader().LoadAsync(new DatasetRequest
    {
        Name = name,
        DataDirectory = folder is null ? null : Path.Combine(_files.Folder, folder),
        Offline = true,
    });
}
