using System.Net;
using System.Net.Sockets;
using Lockstep.Data;
using Lockstep.Model.Data;

namespace Lockstep.Lockstep.Tests.Data;

public sealed class DatasetDownloadTests : IDisposable
{
    private const string Large = TestDataset.TrainingImages;

    private readonly TestDataset _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("mnist")]
    [InlineData("fashion-mnist")]
    public async Task LoadAsync_GoodMirror_DownloadsOnceAndThenReadsTheCache(string name)
    {
        await using var mirror = LocalMirror.Good(_files.Files);
        DatasetLoader loader = _files.Loader(mirror.Address);

        LoadedDataset first = await loader.LoadAsync(new DatasetRequest { Name = name });
        LoadedDataset again = await loader.LoadAsync(new DatasetRequest { Name = name, Offline = true });

        Assert.Equal((200, 40), (first.Data.Training.Count, first.Data.Test.Count));
        Assert.Equal(first.Data.Sha256, again.Data.Sha256);
        Assert.Equal(4, mirror.Connections);
        Assert.Equal(Path.Combine(_files.CacheDirectory, name), first.Source);
    }

    [Fact]
    public async Task LoadAsync_NothingNamed_DownloadsMnist()
    {
        await using var mirror = LocalMirror.Good(_files.Files);

        LoadedDataset loaded = await _files.Loader(mirror.Address).LoadAsync(new DatasetRequest());

        Assert.Equal(("mnist", 0), (loaded.Data.Name, loaded.Notices.Count));
    }

    [Fact]
    public async Task FetchAsync_SlowMirror_ReportsProgressToTheEnd()
    {
        await using var mirror = LocalMirror.With(async (request, stop) =>
        {
            byte[] file = _files.Files[request.File];
            await request.AnswerAsync("200 OK", file.Length, default);
            for (int i = 0; i < file.Length; i += 20_000)
            {
                await request.Client.WriteAsync(file.AsMemory(i, Math.Min(20_000, file.Length - i)), stop);
                await Task.Yield();
            }
        });
        var progress = new RecordedProgress();

        string folder = await _files.Loader(mirror.Address).FetchAsync("mnist", offline: false, progress);

        Assert.Equal(_files.CacheFolder, folder);
        AssertCacheIsComplete();
        DownloadProgress[] large = [.. progress.Reports.Where(report => report.File == Large)];
        long length = _files.Files[Large].Length;
        Assert.Equal(new DownloadProgress(Large, "127.0.0.1", length, length), large[^1]);
        Assert.Equal(large.OrderBy(report => report.Received), large);
    }

    [Fact]
    public async Task FetchAsync_ConnectionBreaksOff_ResumesWhereItStopped()
    {
        await using var mirror = LocalMirror.With((request, _) => request.File == Large && request.From == 0
            ? request.AnswerAsync("200 OK", _files.Files[Large].Length, _files.Files[Large].AsMemory(0, 100_000))
            : LocalMirror.SendAsync(request, _files.Files));

        await _files.Loader(mirror.Address).FetchAsync("mnist", offline: false);

        AssertCacheIsComplete();
        Assert.Equal([(Large, 0), (Large, 100_000)], mirror.Requests.Where(request => request.File == Large));
    }

    [Fact]
    public async Task FetchAsync_SecondMirrorAfterABreak_NeedNotSendTheBeginningAgain()
    {
        await using var broken = LocalMirror.With((request, _) => request.Number == 0
            ? request.AnswerAsync("200 OK", _files.Files[request.File].Length, _files.Files[request.File].AsMemory(0, 100_000))
            : request.AnswerAsync("503 Service Unavailable", 0, default));
        await using var good = LocalMirror.Good(_files.Files);

        await _files.Loader(broken.Address, good.Address).FetchAsync("mnist", offline: false);

        AssertCacheIsComplete();
        Assert.Contains((Large, 100_000), good.Requests);
    }

    [Fact]
    public async Task FetchAsync_MirrorThatCannotResume_StartsAgain()
    {
        await using var mirror = LocalMirror.With((request, _) =>
        {
            byte[] file = _files.Files[request.File];
            return request.AnswerAsync("200 OK", file.Length, request.Number == 0 ? file.AsMemory(0, 100_000) : file);
        });

        await _files.Loader(mirror.Address).FetchAsync("mnist", offline: false);

        AssertCacheIsComplete();
    }

    [Fact]
    public async Task FetchAsync_ResumedUponWrongBytes_RestartsCleanly()
    {
        await using var wrong = LocalMirror.With((request, _) => request.Number == 0
            ? request.AnswerAsync("200 OK", _files.Files[request.File].Length, new byte[100_000])
            : request.AnswerAsync("404 Not Found", 0, default));
        await using var good = LocalMirror.Good(_files.Files);

        await _files.Loader(wrong.Address, good.Address).FetchAsync("mnist", offline: false);

        AssertCacheIsComplete();
        Assert.Equal([(Large, 100_000), (Large, 0)], good.Requests.Take(2));
    }

    [Fact]
    public async Task FetchAsync_FirstMirrorDown_TakesTheSecond()
    {
        await using var good = LocalMirror.Good(_files.Files);

        await _files.Loader(ClosedPort(), good.Address).FetchAsync("mnist", offline: false);

        AssertCacheIsComplete();
    }

    [Fact]
    public async Task FetchAsync_FirstMirrorSendsWrongBytes_TakesTheSecond()
    {
        await using var wrong = LocalMirror.With((request, _) => request.AnswerAsync("200 OK", 5, "hello"u8.ToArray()));
        await using var good = LocalMirror.Good(_files.Files);

        await _files.Loader(wrong.Address, good.Address).FetchAsync("mnist", offline: false);

        AssertCacheIsComplete();
    }

    [Fact]
    public async Task FetchAsync_SilentMirror_IsGivenUpForTheSecond()
    {
        await using var silent = LocalMirror.With((_, stop) => Task.Delay(Timeout.Infinite, stop));
        await using var stalling = LocalMirror.With(async (request, stop) =>
        {
            await request.AnswerAsync("200 OK", 1_000, new byte[10]);
            await Task.Delay(Timeout.Infinite, stop);
        });
        DatasetLoader loader = _files.Loader(TimeSpan.FromMilliseconds(50), silent.Address, stalling.Address);

        var exception = await Assert.ThrowsAsync<DatasetException>(() => loader.FetchAsync("mnist", offline: false));

        Assert.Contains($"{silent.Address.Authority}: silent for 0.1 s", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"{stalling.Address.Authority}: silent for 0.1 s", exception.Message, StringComparison.Ordinal);
        AssertCacheIsEmpty();
    }

    [Fact]
    public async Task LoadAsync_EveryMirrorFails_TellsOfEachAndLeavesNothingBehind()
    {
        await using var missing = LocalMirror.With((request, _) => request.AnswerAsync("404 Not Found", 0, default));
        await using var wrong = LocalMirror.With((request, _) => request.AnswerAsync("200 OK", 5, "hello"u8.ToArray()));
        await using var cut = LocalMirror.With((request, _) => request.AnswerAsync("200 OK", 500_000, new byte[5 * (request.Number + 1)]));
        Uri down = ClosedPort();
        DatasetLoader loader = _files.Loader(missing.Address, wrong.Address, cut.Address, down);

        var exception = await Assert.ThrowsAsync<DatasetException>(() => loader.LoadAsync(new DatasetRequest { Name = "mnist" }));

        Assert.Contains($"{missing.Address.Authority}: 404 Not Found", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"{wrong.Address.Authority}: wrong content, checksum ", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"{cut.Address.Authority}: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"{down.Authority}: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("--data-dir", exception.Message, StringComparison.Ordinal);
        AssertCacheIsEmpty();
    }

    [Fact]
    public async Task LoadAsync_NothingNamedAndNoMirror_TakesSyntheticAndSaysWhyInOneLine()
    {
        await using var missing = LocalMirror.With((request, _) => request.AnswerAsync("404 Not Found", 0, default));

        LoadedDataset loaded = await _files.Loader(missing.Address).LoadAsync(new DatasetRequest());

        Assert.Equal("synthetic", loaded.Data.Name);
        string notice = Assert.Single(loaded.Notices);
        Assert.Contains("404 Not Found", notice, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', notice);
    }

    [Theory]
    [InlineData("mnist")]
    [InlineData(null)]
    public async Task LoadAsync_Offline_NeverConnects(string? name)
    {
        await using var mirror = LocalMirror.Good(_files.Files);
        DatasetLoader loader = _files.Loader(mirror.Address);

        Exception? exception = await Record.ExceptionAsync(() => loader.LoadAsync(new DatasetRequest { Name = name, Offline = true }));
        await Assert.ThrowsAsync<DatasetException>(() => loader.FetchAsync("mnist", offline: true));

        Assert.Equal(name is null ? null : typeof(DatasetException), exception?.GetType());
        Assert.Equal(0, mirror.Connections);
    }

    [Fact]
    public async Task FetchAsync_ManyAtOnce_AllSucceed()
    {
        await using var mirror = LocalMirror.Good(_files.Files);

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => _files.Loader(mirror.Address).FetchAsync("mnist", offline: false)));

        AssertCacheIsComplete();
    }

    [Fact]
    public async Task FetchAsync_DamagedFileInTheCache_IsFetchedAgainAndOnlyThat()
    {
        await using var mirror = LocalMirror.Good(_files.Files);
        DatasetLoader loader = _files.Loader(mirror.Address);
        await loader.FetchAsync("mnist", offline: false);
        File.WriteAllText(Path.Combine(_files.CacheFolder, TestDataset.TestLabels), "damaged");

        await loader.LoadAsync(new DatasetRequest { Name = "mnist" });

        AssertCacheIsComplete();
        Assert.Equal((TestDataset.TestLabels, 0), mirror.Requests.Last());
        Assert.Equal(5, mirror.Connections);
    }

    [Fact]
    public async Task LoadAsync_OfflineWithADamagedFileInTheCache_SaysThatItIsDamaged()
    {
        await using var mirror = LocalMirror.Good(_files.Files);
        DatasetLoader loader = _files.Loader(mirror.Address);
        await loader.FetchAsync("mnist", offline: false);
        File.WriteAllText(Path.Combine(_files.CacheFolder, TestDataset.TestLabels), "damaged");

        var exception = await Assert.ThrowsAsync<DatasetException>(
            () => loader.LoadAsync(new DatasetRequest { Name = "mnist", Offline = true }));

        Assert.Contains($"damaged in the cache '{_files.CacheFolder}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FetchAsync_LeftoversOfKilledProcesses_GoWhenOld()
    {
        Directory.CreateDirectory(_files.CacheFolder);
        string old = Path.Combine(_files.CacheFolder, "x.part"), young = Path.Combine(_files.CacheFolder, "y.part");
        File.WriteAllText(old, "");
        File.WriteAllText(young, "");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));
        await using var mirror = LocalMirror.Good(_files.Files);

        await _files.Loader(mirror.Address).FetchAsync("mnist", offline: false);

        Assert.False(File.Exists(old));
        Assert.True(File.Exists(young), "another process may be writing it");
    }

    [Fact]
    public async Task FetchAsync_Cancelled_StopsAndLeavesNothingBehind()
    {
        using var cancel = new CancellationTokenSource();
        await using var mirror = LocalMirror.With(async (request, stop) =>
        {
            await request.AnswerAsync("200 OK", 1_000_000, new byte[1_000]);
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, stop);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _files.Loader(mirror.Address).FetchAsync("mnist", offline: false, progress: null, cancel.Token));

        AssertCacheIsEmpty();
    }

    [Fact]
    public async Task FetchAsync_CacheFolderThatCannotBeMade_IsATypedError()
    {
        File.WriteAllText(_files.CacheDirectory, "a file where the folder should be");
        await using var mirror = LocalMirror.Good(_files.Files);

        var exception = await Assert.ThrowsAsync<DatasetException>(() => _files.Loader(mirror.Address).FetchAsync("mnist", offline: false));

        Assert.Contains($"the cache folder '{_files.CacheFolder}' cannot be written", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FetchAsync_Synthetic_IsRefused()
        => await Assert.ThrowsAsync<DatasetException>(() => _files.Loader().FetchAsync("synthetic", offline: false));

    private void AssertCacheIsComplete()
    {
        Assert.Equal(_files.Files.Keys.Order(), Directory.GetFiles(_files.CacheFolder).Select(Path.GetFileName).Order());
        Assert.All(_files.Files, file => Assert.Equal(file.Value, File.ReadAllBytes(Path.Combine(_files.CacheFolder, file.Key))));
    }

    private void AssertCacheIsEmpty() => Assert.Empty(Directory.GetFiles(_files.CacheFolder));

    private static Uri ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/data/");
    }

    private sealed class RecordedProgress : IProgress<DownloadProgress>
    {
        public List<DownloadProgress> Reports { get; } = [];

        public void Report(DownloadProgress value) => Reports.Add(value);
    }
}
