using Lockstep.Cli.Predictions;
using Lockstep.Model.Data;

namespace Lockstep.Cli.Tests.Predictions;

public sealed class OwnPictureTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 0)]
    public void ReadOwn_OneColour_IsWarnedOf(byte last, int warnings)
    {
        byte[] pixels = [9, 5, 1, 9, 5, 1, 9, 5, 1, 9, 5, last];

        Subject subject = PictureSubjects.ReadOwn("a.png", ImageSet.FromDense(pixels, [0], 2, 2, 3));

        Assert.Equal(warnings, subject.Warnings.Count);
    }
}
