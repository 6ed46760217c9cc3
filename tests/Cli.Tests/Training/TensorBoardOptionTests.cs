using System.Text;
using Lockstep.Cli.Terminal;

namespace Lockstep.Cli.Tests.Training;

public sealed class TensorBoardOptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_WithTensorBoard_WritesPicturesAndGoesOnWhenResumed()
    {
        string images = TinyImages.Write(_folder), run = _folder.File("run");
        CommandRun first = await TinyRun.TrainAsync(images, "--out", run, "--epochs", "1", "--tensorboard");
        Assert.Equal(ExitCode.Done, first.ExitCode);
        string only = Assert.Single(EventFiles());
        string content = Encoding.Latin1.GetString(File.ReadAllBytes(only));
        string[] tags = ["first_layer", "mistakes/validation", "layer0/weights", "loss/train", "accuracy/test", "settings"];
        Assert.All(tags, tag => Assert.Contains(tag, content));
        Assert.Contains("\u0089PNG\r\n", content);
        byte[] before = File.ReadAllBytes(only);

        CommandRun second = await TinyRun.TrainAsync(images, "--resume", run, "--epochs", "2");

        Assert.Equal(ExitCode.Done, second.ExitCode);
        Assert.Equal(2, EventFiles().Length);
        Assert.Equal(before, File.ReadAllBytes(EventFiles()[0]));

        string[] EventFiles() => [.. Directory.GetFiles(Path.Combine(run, "tensorboard")).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Train_WithoutTheOption_WritesNone()
    {
        string images = TinyImages.Write(_folder), run = _folder.File("run");

        _ = await TinyRun.TrainAsync(images, "--out", run, "--epochs", "1");

        Assert.False(Directory.Exists(Path.Combine(run, "tensorboard")));
    }
}
