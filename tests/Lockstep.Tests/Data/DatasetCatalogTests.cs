using Lockstep.Data;

namespace Lockstep.Lockstep.Tests.Data;

public class DatasetCatalogTests
{
    [Fact]
    public void Sources_All_HaveFourFilesWithChecksumsAndMirrorsThatEndWithASlash()
    {
        Assert.Equal(["mnist", "fashion-mnist", "kmnist", "synthetic"], DatasetCatalog.Names);
        foreach (DatasetSource source in DatasetCatalog.Sources)
        {
            Assert.Equal(
                ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"],
                source.Files.Select(file => file.Name));
            Assert.Equal(4, source.Files.DistinctBy(file => file.Checksum).Count());
            Assert.All(source.Files, file => Assert.Matches(source.Name == "kmnist" ? "^[0-9a-f]{32}$" : "^[0-9a-f]{64}$", file.Checksum));
            Assert.NotEmpty(source.Mirrors);
            Assert.All(source.Mirrors, mirror => Assert.EndsWith("/", mirror.AbsoluteUri, StringComparison.Ordinal));
        }
    }

    [SkippableFact]
    public async Task Checksums_OfRealMnist_AreThoseOfTheCatalog()
    {
        string? folder = Environment.GetEnvironmentVariable("LOCKSTEP_DATA_DIR");
        Skip.If(string.IsNullOrEmpty(folder), "LOCKSTEP_DATA_DIR is not set: checksums of real MNIST are not compared.");
        DatasetFile[] small = [DatasetCatalog.Mnist.TrainingLabels, DatasetCatalog.Mnist.TestImages, DatasetCatalog.Mnist.TestLabels];
        foreach (DatasetFile file in small)
            Assert.True(await Checksum.HoldsAsync(Path.Combine(folder, file.Name), file.Checksum, CancellationToken.None), file.Name);
    }

    [SkippableFact]
    public void UserCache_OnUnix_FollowsTheXdgConventions()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no XDG conventions.");
        Assert.Equal("/x/lockstep", DatasetLoaderOptions.UserCache(name => name == "XDG_CACHE_HOME" ? "/x" : "/home/ada"));
        Assert.Equal("/home/ada/.cache/lockstep", DatasetLoaderOptions.UserCache(name => name == "HOME" ? "/home/ada" : null));
        Assert.Equal("/home/ada/.cache/lockstep", DatasetLoaderOptions.UserCache(name => name == "HOME" ? "/home/ada" : "relative"));
    }
}
