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
        { "data/MNIST/raw", true, "-idx" },
        { "data/raw", false, "-idx" },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task LoadAsync_FolderInAnyLayout_IsRead(string folder, bool raw, string separator)
    {
        string written = _files.WriteTo(folder, raw, name =>
            name.Replace("-idx", separator, StringComparison.Ordinal).Replace(raw ? ".gz" : "\0", "", StringComparison.Ordinal));

        LoadedDataset loaded = await LoadAsync(null, "data");

        Assert.Equal(("mnist", 200, 40), (loaded.Data.Name, loaded.Data.Training.Count, loaded.Data.Test.Count));
        Assert.Equal((written, 0), (loaded.Source, loaded.Notices.Count));
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
    public async Task LoadAsync_FileInAFolderOfItsName_IsRead()
    {
        foreach ((string name, byte[] content) in _files.Raw)
        {
            string raw = name[..^".gz".Length];
            File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(Path.Combine(_files.Folder, "data", raw)).FullName, raw), content);
        }

        Assert.Equal(200, (await LoadAsync("mnist", "data")).Data.Training.Count);
    }

    [Fact]
    public async Task Find_FilesOfEmnist_StandInForMnistOnly()
    {
        string folder = _files.WriteTo("data", raw: true, name =>
            "emnist-digits-" + name.Replace("t10k", "test", StringComparison.Ordinal).Replace(".gz", "", StringComparison.Ordinal));

        Assert.Equal(folder, DatasetLocator.Find(DatasetCatalog.Mnist, folder)?.Directory);
        Assert.Null(DatasetLocator.Find(DatasetCatalog.Kmnist, folder));
        var exception = await Assert.ThrowsAsync<DatasetException>(() => LoadAsync("fashion-mnist", "data"));
        Assert.Contains("The folder has emnist-digits-test-images-idx3-ubyte, ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_FilesOfAnotherDataset_AreCalledByItsName()
    {
        _files.WriteTo("data");
        string sha256 = (await LoadAsync("mnist", "data")).Data.Test.Sha256();

        var exception = await Assert.ThrowsAsync<DatasetException>(() => LoadAsync("fashion-mnist", "data", sha256));

        Assert.Contains("those of MNIST, not of Fashion-MNIST", exception.Message, StringComparison.Ordinal);
        Assert.Contains("--dataset mnist,", exception.Message, StringComparison.Ordinal);
        Assert.Equal("mnist", (await LoadAsync("mnist", "data", sha256)).Data.Name);
    }

    [SkippableFact]
    public async Task TestSha256_OfRealMnist_IsThatOfTheCatalog()
    {
        string? folder = Environment.GetEnvironmentVariable("LOCKSTEP_DATA_DIR");
        Skip.If(string.IsNullOrEmpty(folder), "LOCKSTEP_DATA_DIR is not set: the digest of real MNIST is not compared.");
        var loader = new DatasetLoader(new DatasetLoaderOptions { CacheDirectory = _files.CacheDirectory });
        var request = new DatasetRequest { Name = "mnist", DataDirectory = folder, Offline = true };

        Assert.Equal(DatasetCatalog.Mnist.TestSha256, (await loader.LoadAsync(request)).Data.Test.Sha256());
        var exception = await Assert.ThrowsAsync<DatasetException>(() => loader.LoadAsync(request with { Name = "kmnist" }));
        Assert.Contains("those of MNIST, not of KMNIST", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("mnist")]
    public async Task LoadAsync_FolderWithoutData_IsAnErrorThatSaysWhatIsThere(string? name)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_files.Folder, "empty")).FullName;
        var exception = await Assert.ThrowsAsync<DatasetException>(() => LoadAsync(name, "empty"));
        Assert.Contains($"MNIST is not in '{folder}'", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith($"Files of your own are trained on with --dataset {folder}.", exception.Message, StringComparison.Ordinal);
        Assert.Contains("The folder is empty.", exception.Message, StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(folder, "mnist.csv"), "");
        exception = await Assert.ThrowsAsync<DatasetException>(() => LoadAsync(name, "empty"));
        Assert.Contains("The folder has mnist.csv.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_NothingNamedAndNothingFound_TakesSyntheticAndSaysWhyInOneLine()
    {
        LoadedDataset loaded = await LoadAsync(null, null);

        Assert.Equal((DatasetCatalog.Synthetic, 60_000), (loaded.Data.Name, loaded.Data.Training.Count));
        string notice = Assert.Single(loaded.Notices);
        Assert.DoesNotContain('\n', notice);
        Assert.Contains(_files.CacheFolder, notice, StringComparison.Ordinal);
        Assert.Contains("offline", notice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_UnknownName_ListsTheNames()
    {
        var exception = await Assert.ThrowsAsync<DatasetException>(() => LoadAsync("emnist", null));
        Assert.Contains("mnist, fashion-mnist, synthetic", exception.Message, StringComparison.Ordinal);
    }

    private Task<LoadedDataset> LoadAsync(string? name, string? folder, string? mnistSha256 = null) =>
        _files.Loader(mnistSha256).LoadAsync(new DatasetRequest
        {
            Name = name,
            DataDirectory = folder is null ? null : Path.Combine(_files.Folder, folder),
            Offline = true,
        });
}
